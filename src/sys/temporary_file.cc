#include "sys/temporary_file.h"

#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <cstring>

#include "sys/output_file.h"

namespace mailtrail::sys {

Result<TemporaryFile> TemporaryFile::create(std::string_view bytes) {
  const char* folder = std::getenv("TMPDIR");
  std::string path = folder == nullptr || *folder == '\0' ? "/tmp" : folder;
  path += "/mailtrail-XXXXXX";
  const int descriptor = ::mkstemp(path.data());
  if (descriptor < 0) {
    return Error{std::string("no temporary file can be made: ") + std::strerror(errno), path, "set TMPDIR"};
  }
  TemporaryFile file(path);
  OutputFile output = OutputFile::of_descriptor(descriptor, path);
  Result<Done> done = output.write(bytes);
  if (done.ok()) done = output.flush();
  ::close(descriptor);
  if (!done.ok()) return done.error();
  return file;
}

TemporaryFile::~TemporaryFile() {
  if (!path_.empty()) ::unlink(path_.c_str());
}

}  // namespace mailtrail::sys
