#include "sys/shared_library.h"

#include <dlfcn.h>
#include <unistd.h>

#include <climits>

namespace mailtrail::sys {
namespace {

// The folder of the running program; empty where the system does not tell.
std::string program_folder() {
  char path[PATH_MAX];
  const ssize_t size = ::readlink("/proc/self/exe", path, sizeof path);
  if (size <= 0 || size == static_cast<ssize_t>(sizeof path)) return {};
  const std::string text(path, static_cast<std::size_t>(size));
  return text.substr(0, text.rfind('/'));
}

std::string last_error() {
  const char* text = ::dlerror();
  return text == nullptr ? "unknown error" : text;
}

}  // namespace

Result<SharedLibrary> SharedLibrary::load(const std::string& name, std::span<const std::string> folders) {
  const std::string program = program_folder();
  std::string looked_at;
  for (const std::string& folder : folders) {
    if (program.empty()) break;
    const std::string path = program + '/' + folder + '/' + name;
    looked_at += path + ", ";
    if (::access(path.c_str(), F_OK) != 0) continue;
    if (void* handle = ::dlopen(path.c_str(), RTLD_NOW | RTLD_LOCAL)) return SharedLibrary(handle, path);
    return Error{"cannot be loaded: " + last_error(), path, "install mailtrail again: the file is damaged or foreign"};
  }
  if (void* handle = ::dlopen(name.c_str(), RTLD_NOW | RTLD_LOCAL)) return SharedLibrary(handle, name);
  const std::string system_says = last_error();
  return Error{"the library was not found: looked at " + looked_at + "and where the system keeps libraries (" +
                   system_says + ")",
               name, "install mailtrail again, with its library beside it"};
}

void* SharedLibrary::function(const char* name) const {
  return ::dlsym(handle_, name);
}

}  // namespace mailtrail::sys
