#include "base/time_zone.h"

#include <absl/time/civil_time.h>
#include <absl/time/time.h>

#include <cstdlib>
#include <filesystem>
#include <string_view>
#include <system_error>

#include "base/text.h"

namespace mailtrail {

struct TimeZone::Zone {
  absl::TimeZone zone = absl::UTCTimeZone();
  std::string name = "UTC";
};

namespace {

// `+02:00` as minutes, or nothing.
std::optional<int> fixed_offset(std::string_view name) {
  if (name.size() != 6 || (name[0] != '+' && name[0] != '-') || name[3] != ':') return std::nullopt;
  const auto hours = to_number<unsigned>(name.substr(1, 2));
  const auto minutes = to_number<unsigned>(name.substr(4, 2));
  if (!hours || !minutes || *hours > 23 || *minutes > 59) return std::nullopt;
  const int east = static_cast<int>(*hours * 60 + *minutes);
  return name[0] == '-' ? -east : east;
}

// The name that the link /etc/localtime states (localtime(5)); empty where it is no link into a zoneinfo directory.
std::string name_of_localtime() {
  std::error_code failure;
  const std::string target = std::filesystem::read_symlink("/etc/localtime", failure).string();
  constexpr std::string_view kDirectory = "/zoneinfo/";
  const std::size_t at = target.rfind(kDirectory);
  return failure || at == std::string::npos ? std::string() : target.substr(at + kDirectory.size());
}

}  // namespace

TimeZone::TimeZone() {
  static const std::shared_ptr<const Zone> utc = std::make_shared<const Zone>();
  zone_ = utc;
}

Result<TimeZone> TimeZone::load(const std::string& name) {
  Zone loaded;
  loaded.name = name;
  if (const auto offset = fixed_offset(name)) {
    loaded.zone = absl::FixedTimeZone(*offset * 60);
    return TimeZone(std::make_shared<const Zone>(loaded));
  }
  // A name is looked up below the zoneinfo directory; it is never a path of its own.
  const bool path = name.empty() || name.front() == '/' || name.find("..") != std::string::npos ||
                    name == "localtime" || name.find('\0') != std::string::npos;
  if (path || !absl::LoadTimeZone(name, &loaded.zone)) {
    return Error{
        "unknown time zone '" + printable(name) + "'", "",
        "use a name of the tz database such as Europe/Berlin, UTC, or an offset such as +02:00; the names need "
        "the package tzdata"};
  }
  return TimeZone(std::make_shared<const Zone>(loaded));
}

TimeZone TimeZone::system() {
  std::string name;
  if (const char* variable = std::getenv("TZ")) {
    name = variable;
    if (!name.empty() && name.front() == ':') name.erase(0, 1);
    if (name.empty()) return TimeZone();  // tzset(3): TZ set to nothing is UTC
  } else {
    name = name_of_localtime();
  }
  if (!name.empty()) {
    if (auto named = load(name); named.ok()) return *named;
  }
  Zone local;
  local.zone = absl::LocalTimeZone();
  local.name = local.zone.name();
  return TimeZone(std::make_shared<const Zone>(local));
}

TimeZone::Instant TimeZone::at_wall(Micros wall) const {
  const CivilTime civil = civil_from_micros(wall);
  const absl::CivilSecond second(civil.year, civil.month, civil.day, civil.hour, civil.minute, civil.second);
  const absl::TimeZone::TimeInfo info = zone_->zone.At(second);
  Instant instant{};
  instant.time = absl::ToUnixSeconds(info.pre) * kSecond + civil.micro;
  instant.offset_minutes = static_cast<int>((wall - instant.time) / kMinute);
  instant.ambiguous = info.kind == absl::TimeZone::TimeInfo::REPEATED;
  instant.skipped = info.kind == absl::TimeZone::TimeInfo::SKIPPED;
  return instant;
}

int TimeZone::offset_at(Micros time) const {
  return zone_->zone.At(absl::FromUnixMicros(time)).offset / 60;
}

std::string TimeZone::name() const {
  return zone_->name;
}

}  // namespace mailtrail
