#include "app/round_note.h"

#include "app/road_summary.h"
#include "base/byte_stream.h"

namespace mailtrail::app {
namespace {

constexpr std::uint64_t kNoteVersion = 1;

void save_source(ByteWriter& out, const store::Source& source) {
  out.number(source.number);
  out.text(source.name);
  out.number(source.bytes), out.number(source.lines);
  out.text(source.identity), out.text(source.resume);
}

store::Source restore_source(ByteReader& in) {
  store::Source source;
  source.number = static_cast<std::uint32_t>(in.number());
  source.name = in.text();
  source.bytes = in.number(), source.lines = in.number();
  source.identity = in.text(), source.resume = in.text();
  return source;
}

void save_part(ByteWriter& out, const RoundNote::Part& part) {
  out.number(part.source);
  out.signed_number(part.first_year);
  out.flag(part.journal_export);
  out.number(part.position), out.number(part.told);
}

RoundNote::Part restore_part(ByteReader& in) {
  RoundNote::Part part;
  part.source = static_cast<std::uint32_t>(in.number());
  part.first_year = static_cast<int>(in.signed_number());
  part.journal_export = in.flag();
  part.position = in.number(), part.told = in.number();
  return part;
}

}  // namespace

std::string RoundNote::save() const {
  std::string bytes;
  ByteWriter out(bytes);
  out.number(kNoteVersion);
  out.number(round);
  out.text(zone);
  out.number(streams.size());
  for (const std::vector<Part>& stream : streams) {
    out.number(stream.size());
    for (const Part& part : stream) save_part(out, part);
  }
  out.number(events);
  out.flag(is_whole), out.flag(has_tail), out.flag(is_unfinished);
  RoadSummary summary;
  summary.stats = stats;
  out.text(summary.save());
  out.number(cuts.size());
  for (const LineCut& cut : cuts) out.number(cut.source), out.number(cut.archived), out.number(cut.length);
  out.number(sources.size());
  for (const store::Source& source : sources) save_source(out, source);
  return bytes;
}

Result<RoundNote> RoundNote::restore(std::string_view bytes) {
  ByteReader in(bytes);
  RoundNote note;
  const bool known = in.number() == kNoteVersion;
  note.round = in.number();
  note.zone = in.text();
  for (std::uint64_t streams = in.number(); streams > 0 && in.ok(); --streams) {
    std::vector<Part>& stream = note.streams.emplace_back();
    for (std::uint64_t parts = in.number(); parts > 0 && in.ok(); --parts) stream.push_back(restore_part(in));
  }
  note.events = in.number();
  note.is_whole = in.flag(), note.has_tail = in.flag(), note.is_unfinished = in.flag();
  const Result<RoadSummary> summary = RoadSummary::restore(in.text());
  if (summary.ok()) note.stats = summary->stats;
  for (std::uint64_t cuts = in.number(); cuts > 0 && in.ok(); --cuts) {
    LineCut cut;
    cut.source = static_cast<std::uint32_t>(in.number());
    cut.archived = in.number(), cut.length = in.number();
    note.cuts.push_back(cut);
  }
  for (std::uint64_t sources = in.number(); sources > 0 && in.ok(); --sources) {
    note.sources.push_back(restore_source(in));
  }
  if (!known || !summary.ok() || !in.finished()) {
    return Error{"a note of an ingest in the archive is damaged or of a newer version", "", ""};
  }
  return note;
}

RoundNote begin_note(std::uint64_t round, const std::string& zone, const Inputs& inputs,
                     const std::vector<SourceState>& states) {
  RoundNote note;
  note.round = round;
  note.zone = zone;
  for (const std::vector<std::uint32_t>& stream : inputs.streams()) {
    std::vector<RoundNote::Part>& parts = note.streams.emplace_back();
    for (const std::uint32_t index : stream) {
      const Input& input = inputs.all()[index];
      parts.push_back(
          {input.number, input.first_year, input.journal_export, states.at(index).position, states.at(index).told});
    }
  }
  return note;
}

}  // namespace mailtrail::app
