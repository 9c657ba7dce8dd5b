#include "app/inputs.h"

#include <algorithm>
#include <map>

#include "base/arena.h"
#include "base/text.h"
#include "record/framing.h"
#include "record/wall_clock.h"
#include "sys/clock.h"

namespace mailtrail::app {
namespace {

constexpr std::size_t kLook = 64 * 1024;

// The times of the records in a piece of a source.
struct Glimpse {
  std::optional<record::Record> first, last;  // records with a time
  std::optional<Micros> stated;               // the first time that states its year
  std::optional<Micros> leap_day;             // a yearless 29 February
  int new_years = 0;                          // how often the year changes between yearless records
};

Glimpse look(std::string_view piece, bool from_beginning, const record::Table* table) {
  Glimpse glimpse;
  record::Framer framer;
  framer.set_table(table);
  Arena arena;
  std::size_t at = 0;
  if (!from_beginning) {
    at = piece.find('\n');
    if (at == std::string_view::npos) return glimpse;
    ++at;
  }
  while (at < piece.size()) {
    const record::Unit unit = record::next_unit(piece, at);
    if (!unit.whole && at != 0) break;
    at += unit.size;
    record::Record record;
    framer.frame(unit.bytes.substr(0, record::kMaxLine), arena, record);
    if (!record.has_time) continue;
    if (!record.yearless && !glimpse.stated) glimpse.stated = record.time;
    if (record.yearless && record.time / kDay == days_from_civil(record::kYearlessYear, 2, 29)) {
      glimpse.leap_day = record.time;
    }
    if (record.yearless && glimpse.last && glimpse.last->yearless && record.time + 180 * kDay < glimpse.last->time) {
      ++glimpse.new_years;
    }
    // Only the times are looked at later: the texts do not outlive the piece.
    if (!glimpse.first) glimpse.first = record;
    glimpse.last = record;
  }
  return glimpse;
}

Result<std::string> read_piece(const intake::Source& source, std::uint64_t from, std::size_t size) {
  std::string piece(size, '\0');
  std::size_t filled = 0;
  while (filled < size) {
    Result<std::size_t> got = source.read_at(from + filled, piece.data() + filled, size - filled);
    if (!got.ok()) return got.error();
    if (*got == 0) break;
    filled += *got;
  }
  piece.resize(filled);
  return piece;
}

// How often the year changes between the first and the last line of a source that can be read anywhere: looks at lines
// here and there, for a log that is read has far more lines a year than there are looks.
void count_new_years(const intake::Source& source, const record::Table* table, record::YearEvidence& evidence) {
  constexpr std::uint64_t kLooks = 64;
  const std::uint64_t step = source.size() / kLooks;
  Micros last = evidence.first_wall;
  int years = 0;
  for (std::uint64_t i = 1; i <= kLooks; ++i) {
    Micros wall = 0;
    if (i == kLooks) {
      wall = evidence.last_wall.value_or(last);
    } else {
      const Result<std::string> piece = read_piece(source, i * step, 4096);
      if (!piece.ok()) return;
      const Glimpse glimpse = look(*piece, false, table);
      if (!glimpse.first || !glimpse.first->yearless) continue;
      wall = glimpse.first->time;
    }
    if (wall + 180 * kDay < last) ++years;
    last = wall;
  }
  evidence.new_years = years;
}

Micros settle(const record::Record& record, const TimeZone& zone, int year) {
  return record::WallClock(zone, year)
      .settle(record.time, record.offset_minutes, record.notes, record.wall, record.yearless)
      .time;
}

// Dates a source by its first and, where that can be reached, its last lines.
void date(Input& input, std::string_view head, const TimeZone& zone) {
  const record::Table* table = input.table.get();
  const Glimpse glimpse = look(head, true, table);
  if (!glimpse.first) return;
  Glimpse tail;
  const intake::Source& source = *input.source;
  if (source.seekable() && source.size() > head.size()) {
    const std::size_t size = static_cast<std::size_t>(std::min<std::uint64_t>(kLook, source.size() - head.size()));
    if (const Result<std::string> piece = read_piece(source, source.size() - size, size); piece.ok()) {
      tail = look(*piece, false, table);
    }
  } else if (source.seekable()) {
    tail = glimpse;
  }
  record::YearEvidence evidence;
  evidence.first_wall = glimpse.first->time;
  // A pipe has no time of change: its lines were at least written before now.
  evidence.anchor = glimpse.stated ? *glimpse.stated : source.changed_at().value_or(sys::now());
  if (tail.last && tail.last->yearless) evidence.last_wall = tail.last->time;
  if (glimpse.first->yearless) {
    if (evidence.last_wall && *evidence.last_wall + 180 * kDay < evidence.first_wall) evidence.new_years = 1;
    if (source.seekable() && source.size() <= head.size()) {
      evidence.new_years = glimpse.new_years;
    } else if (source.seekable()) {
      count_new_years(source, table, evidence);
    }
    if (glimpse.leap_day)
      evidence.leap_day_after_new_years = *glimpse.leap_day + 180 * kDay < evidence.first_wall ? 1 : 0;
    if (glimpse.stated) {
      // A neighbour that states its year settles it: the first line is within half a year of it.
      evidence.last_wall.reset();
      evidence.new_years = 0;
    }
    input.first_year = record::infer_first_year(evidence);
  }
  input.first_time = settle(*glimpse.first, zone, input.first_year);
  if (tail.last) {
    const int last_year = input.first_year + (tail.last->yearless ? evidence.new_years : 0);
    input.last_time = settle(*tail.last, zone, last_year);
    if (*input.last_time < *input.first_time) input.last_time = input.first_time;
  }
}

bool is_archive_suffix(std::string_view suffix) {
  return suffix == ".gz" || suffix == ".bz2" || suffix == ".xz" || suffix == ".zst";
}

// `mail.log.2.gz` is {`mail.log`, `2`}; what is no rotation suffix stays in the base.
std::pair<std::string, std::string> split_rotation(const std::string& name) {
  std::string_view rest = name;
  const std::size_t dot = rest.rfind('.');
  if (dot != std::string_view::npos && is_archive_suffix(rest.substr(dot))) rest = rest.substr(0, dot);
  std::size_t digits = rest.size();
  while (digits > 0 && (is_digit(rest[digits - 1]) || (rest[digits - 1] == '-' && digits < rest.size()))) --digits;
  while (digits < rest.size() && rest[digits] == '-') ++digits;
  if (digits == rest.size() || digits == 0 || (rest[digits - 1] != '.' && rest[digits - 1] != '-')) {
    return {std::string(rest), ""};
  }
  return {std::string(rest.substr(0, digits - 1)), std::string(rest.substr(digits))};
}

}  // namespace

std::string rotation_base(const std::string& name) {
  return split_rotation(name).first;
}

long long rotation_age(const std::string& name) {
  std::string digits = split_rotation(name).second;
  std::erase(digits, '-');
  const long long number = to_number<long long>(digits).value_or(0);
  return digits.size() >= 6 ? -number : number;
}

Inputs Inputs::open(const std::vector<std::string>& paths, const TimeZone& zone, bool rereadable) {
  Inputs inputs;
  for (const std::string& path : paths) {
    Result<std::unique_ptr<intake::Source>> opened = intake::open_source(path);
    if (opened.ok()) {
      inputs.add({std::move(opened).value(), static_cast<std::uint32_t>(inputs.inputs_.size())}, zone, rereadable);
    } else {
      inputs.problems_.push_back(opened.error());
    }
  }
  inputs.arrange();
  return inputs;
}

Inputs Inputs::of(std::vector<OpenSource> sources, const TimeZone& zone) {
  Inputs inputs;
  for (OpenSource& source : sources) inputs.add(std::move(source), zone, false);
  inputs.arrange();
  return inputs;
}

Inputs Inputs::arranged(std::vector<Input> inputs, std::vector<std::vector<std::uint32_t>> streams) {
  Inputs arranged;
  for (const Input& input : inputs) arranged.names_.push_back(input.name);
  arranged.inputs_ = std::move(inputs);
  arranged.streams_ = std::move(streams);
  return arranged;
}

namespace {

// The first bytes of a source; what could be read of them, and why no more.
std::string read_head(intake::Source& source, std::optional<Error>& error) {
  if (source.seekable()) {
    Result<std::string> piece = read_piece(source, 0, kLook);
    if (piece.ok()) return std::move(piece).value();
    error = piece.error();
    return {};
  }
  std::string head(kLook, '\0');
  std::size_t filled = 0;
  while (filled < head.size()) {
    const Result<std::size_t> got = source.read(head.data() + filled, head.size() - filled);
    if (!got.ok()) error = got.error();
    if (!got.ok() || *got == 0) break;
    filled += *got;
  }
  head.resize(filled);
  return head;
}

}  // namespace

void Inputs::add(OpenSource open, const TimeZone& zone, bool rereadable) {
  Input input;
  input.name = open.source->name();
  input.number = open.number;
  input.source = std::move(open.source);
  if (rereadable) {
    if (const Result<Done> spooled = input.source->spool(); !spooled.ok()) problems_.push_back(spooled.error());
  }
  std::optional<Error> error;
  const std::string head = read_head(*input.source, error);
  if (error) {
    problems_.push_back(*error);
    if (input.source->seekable()) return;
  }
  if (!input.source->seekable()) {
    input.head = head;
    input.broken_off = error.has_value();
  }
  if (std::optional<Error> binary = intake::looks_binary(head, input.name)) {
    problems_.push_back(std::move(*binary));
    return;
  }
  input.table = record::find_table(head);
  input.journal_export = record::looks_like_journal_export(head);
  date(input, head, zone);
  inputs_.push_back(std::move(input));
}

void Inputs::select(const std::vector<bool>& wanted) {
  std::vector<Input> kept;
  for (std::size_t i = 0; i < inputs_.size(); ++i) {
    if (wanted[i]) kept.push_back(std::move(inputs_[i]));
  }
  inputs_ = std::move(kept);
  arrange();
}

// Oldest first. A source goes behind another where it begins after that ends, or where the names say that it is the
// next of a rotated set; what overlaps in time runs beside.
void Inputs::arrange() {
  names_.clear();
  streams_.clear();
  for (const Input& input : inputs_) names_.push_back(input.name);
  std::vector<std::uint32_t> order(inputs_.size());
  for (std::uint32_t i = 0; i < order.size(); ++i) order[i] = i;
  std::stable_sort(order.begin(), order.end(), [&](std::uint32_t a, std::uint32_t b) {
    const Input& left = inputs_[a];
    const Input& right = inputs_[b];
    const Micros left_time = left.first_time.value_or(INT64_MIN), right_time = right.first_time.value_or(INT64_MIN);
    if (left_time != right_time) return left_time < right_time;
    if (rotation_base(left.name) == rotation_base(right.name))
      return rotation_age(left.name) > rotation_age(right.name);
    return left.last_time.value_or(left_time) < right.last_time.value_or(right_time);
  });
  for (const std::uint32_t index : order) {
    const Input& input = inputs_[index];
    std::vector<std::uint32_t>* place = nullptr;
    for (std::vector<std::uint32_t>& stream : streams_) {
      const Input& last = inputs_[stream.back()];
      const bool after = last.last_time && input.first_time && *last.last_time <= *input.first_time + kSecond;
      const bool same_set = rotation_base(last.name) == rotation_base(input.name) && !last.last_time;
      if ((after || same_set || !input.first_time) &&
          (place == nullptr || rotation_base(last.name) == rotation_base(input.name))) {
        place = &stream;
      }
    }
    if (place != nullptr) {
      place->push_back(index);
    } else {
      streams_.push_back({index});
    }
  }
}

namespace {

// Behind the last line end of a seekable source; 0 where it has none, nothing where it cannot be read.
std::optional<std::uint64_t> end_of_last_line(const intake::Source& source) {
  std::uint64_t at = source.size();
  while (at > 0) {
    const std::size_t size = static_cast<std::size_t>(std::min<std::uint64_t>(kLook, at));
    const Result<std::string> piece = read_piece(source, at - size, size);
    if (!piece.ok()) return std::nullopt;
    const std::size_t end = piece->rfind('\n');
    if (end != std::string::npos) return at - size + end + 1;
    at -= size;
  }
  return 0;
}

}  // namespace

void Inputs::hold_back_incomplete(bool hold_back) {
  for (Input& input : inputs_) input.hold_back_cut = hold_back && !input.source->seekable();
  for (const std::vector<std::uint32_t>& stream : streams_) {
    Input& input = inputs_[stream.back()];
    if (!input.source->seekable()) continue;
    input.hold_back = hold_back;
    input.end = hold_back && !input.journal_export ? end_of_last_line(*input.source) : std::nullopt;
  }
}

std::optional<std::uint64_t> Inputs::total_bytes() const {
  std::uint64_t total = 0;
  for (const Input& input : inputs_) {
    if (!input.source->seekable()) return std::nullopt;
    total += input.source->size() - std::min(input.start, input.source->size());
  }
  return total;
}

bool Inputs::all_seekable() const {
  return std::all_of(inputs_.begin(), inputs_.end(),
                     [](const Input& input) { return input.source->seekable() && !input.journal_export; });
}

}  // namespace mailtrail::app
