#include "sys/system_error.h"

#include <cerrno>
#include <system_error>

namespace mailtrail::sys {
namespace {

std::string remedy_of(int code) {
  switch (code) {
    case ENOSPC:
    case EDQUOT:
      return "make room there, or use another place";
    case EFBIG:
      return "raise the limit of the size of files (ulimit -f)";
    case EACCES:
    case EPERM:
    case EROFS:
      return "use a place that you may write to, or run as the user that owns it";
    case ENOENT:
      return "make the directory first";
    case EMFILE:
    case ENFILE:
      return "raise the limit of open files (ulimit -n)";
    case EIO:
      return "look at the health of the disk";
    default:
      return "";
  }
}

}  // namespace

Error system_error(int code, const std::string& name, const char* doing) {
  return {std::string(doing) + ": " + std::generic_category().message(code), name, remedy_of(code)};
}

}  // namespace mailtrail::sys
