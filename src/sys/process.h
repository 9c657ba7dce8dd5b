// Process: who runs this program, where.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

namespace mailtrail::sys {

// The number of this process.
std::int64_t process_id();
// The effective user that this process acts as; 0 is root.
std::uint32_t user_id();
// The user's name; its number in decimal where it has none.
std::string user_name(std::uint32_t user);
// The name of this host (gethostname(2)); `localhost` where it has none.
std::string host_name();
// The environment's HOME where it is an absolute path, else the home of user_id(); empty where there is none.
std::string home_directory();
// A variable of the environment; nothing where it is not set.
std::optional<std::string> environment(const char* name);

// When the process began, in ticks since the system was started (proc(5), field 22 of /proc/PID/stat): with the number
// it tells a process from a later one of the same number. Nothing where there is no such process, or no /proc.
std::optional<std::uint64_t> process_birth(std::int64_t process);

}  // namespace mailtrail::sys
