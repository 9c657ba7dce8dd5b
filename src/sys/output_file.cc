#include "sys/output_file.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <utility>

namespace mailtrail::sys {
namespace {

constexpr std::size_t kKept = 64 * 1024;

std::string remedy_of(int code) {
  switch (code) {
    case ENOSPC:
    case EDQUOT:
      return "make room there, or write elsewhere";
    case EACCES:
    case EPERM:
    case EROFS:
      return "choose a place that you may write to";
    case ENOENT:
      return "make the folder first";
    default:
      return "";
  }
}

Error error_of(int code, const std::string& name, const char* doing) {
  return {std::string(doing) + ": " + std::strerror(code), name, remedy_of(code)};
}

}  // namespace

OutputFile::OutputFile(int descriptor, bool owned, std::string name)
    : descriptor_(descriptor), owned_(owned), name_(std::move(name)) {}

OutputFile OutputFile::of_descriptor(int descriptor, std::string name) {
  return OutputFile(descriptor, false, std::move(name));
}

Result<OutputFile> OutputFile::create(const std::string& path) {
  // Not O_EXCL: a process that was killed leaves its file behind. The lock goes with the process.
  const int descriptor = ::open(path.c_str(), O_WRONLY | O_CREAT | O_NOFOLLOW | O_CLOEXEC, 0666);
  if (descriptor < 0) return error_of(errno, path, "cannot be made");
  OutputFile file(descriptor, true, path);
  if (::lockf(descriptor, F_TLOCK, 0) != 0) return Error{"another process is writing it", path, ""};
  if (::ftruncate(descriptor, 0) != 0) return error_of(errno, path, "cannot be made");
  return file;
}

OutputFile::OutputFile(OutputFile&& other) noexcept
    : descriptor_(std::exchange(other.descriptor_, -1)),
      owned_(std::exchange(other.owned_, false)),
      failed_(other.failed_),
      reader_gone_(other.reader_gone_),
      name_(std::move(other.name_)),
      kept_(std::move(other.kept_)),
      error_(std::move(other.error_)) {}

OutputFile& OutputFile::operator=(OutputFile&& other) noexcept {
  if (this == &other) return *this;
  if (owned_) ::close(descriptor_);
  descriptor_ = std::exchange(other.descriptor_, -1);
  owned_ = std::exchange(other.owned_, false);
  failed_ = other.failed_;
  reader_gone_ = other.reader_gone_;
  name_ = std::move(other.name_);
  kept_ = std::move(other.kept_);
  error_ = std::move(other.error_);
  return *this;
}

OutputFile::~OutputFile() {
  if (owned_) ::close(descriptor_);
}

Result<Done> OutputFile::fail(int code) {
  failed_ = true;
  reader_gone_ = code == EPIPE;
  error_ = error_of(code, name_, "cannot be written");
  kept_.clear();
  return error_;
}

Result<Done> OutputFile::put(std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t written = ::write(descriptor_, bytes.data(), bytes.size());
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) return fail(errno);
    bytes.remove_prefix(static_cast<std::size_t>(written));
  }
  return Done{};
}

Result<Done> OutputFile::write(std::string_view bytes) {
  if (failed_) return error_;
  if (kept_.size() + bytes.size() > kKept) {
    if (const Result<Done> done = flush(); !done.ok()) return done;
    if (bytes.size() >= kKept) return put(bytes);
  }
  kept_ += bytes;
  return Done{};
}

Result<Done> OutputFile::flush() {
  if (failed_) return error_;
  const std::string bytes = std::exchange(kept_, {});
  return put(bytes);
}

Result<Done> OutputFile::close() {
  const Result<Done> flushed = flush();
  if (!flushed.ok() || descriptor_ < 0) return flushed;
  // Pipes and some devices cannot be synchronised: only a file of our own is.
  if (owned_ && ::fsync(descriptor_) != 0 && errno != EINVAL) return fail(errno);
  if (owned_ && ::close(std::exchange(descriptor_, -1)) != 0) {
    owned_ = false;
    return fail(errno);
  }
  owned_ = false;
  return Done{};
}

Result<Done> rename_file(const std::string& from, const std::string& to) {
  if (std::rename(from.c_str(), to.c_str()) != 0) return error_of(errno, to, "cannot be written");
  return Done{};
}

bool remove_file(const std::string& path) {
  return ::unlink(path.c_str()) == 0 || errno == ENOENT;
}

bool is_present(const std::string& path) {
  struct stat info {};
  return ::lstat(path.c_str(), &info) == 0;
}

}  // namespace mailtrail::sys
