#include "app/line_search.h"

#include <algorithm>
#include <atomic>
#include <mutex>
#include <thread>
#if defined(__SSE2__)
#include <emmintrin.h>
#endif

#include "app/block_stream.h"
#include "base/text.h"

namespace mailtrail::app {
namespace {

// Finds a text in any case by two of its bytes at once, those that mail logs hold seldom.
class CaselessFinder {
 public:
  explicit CaselessFinder(std::string_view needle) : needle_(to_lower(needle)) {
    static constexpr std::string_view kCommon = "jqzvwbk@yhgf,<>:-xuc9876543210.dpm=lsrnitoae ";
    const auto rank = [&](std::size_t i) { return kCommon.find(needle_[i]) + 1; };  // 0: not common at all
    for (std::size_t i = 0; i < needle_.size(); ++i) {
      if (rank(i) < rank(first_)) first_ = i;
    }
    second_ = first_ == 0 && needle_.size() > 1 ? 1 : 0;
    for (std::size_t i = 0; i < needle_.size(); ++i) {
      if (i != first_ && rank(i) < rank(second_)) second_ = i;
    }
  }

  // The first place at or after `from`, or npos.
  std::size_t find(std::string_view text, std::size_t from) const {
    if (text.size() < needle_.size() || from > text.size() - needle_.size()) return std::string_view::npos;
    const char* data = text.data();
    const std::size_t last = text.size() - needle_.size();
    std::size_t at = from;
#if defined(__SSE2__)
    constexpr std::size_t kStep = 16;
    // Letters of both cases are one with this bit; what else it folds together is sorted out by `matches`.
    const __m128i fold = _mm_set1_epi8(0x20);
    const __m128i first = _mm_set1_epi8(static_cast<char>(needle_[first_] | 0x20));
    const __m128i second = _mm_set1_epi8(static_cast<char>(needle_[second_] | 0x20));
    for (; at + kStep <= last + 1; at += kStep) {
      const __m128i a = _mm_loadu_si128(reinterpret_cast<const __m128i*>(data + at + first_));
      const __m128i b = _mm_loadu_si128(reinterpret_cast<const __m128i*>(data + at + second_));
      unsigned hits = static_cast<unsigned>(_mm_movemask_epi8(
          _mm_and_si128(_mm_cmpeq_epi8(_mm_or_si128(a, fold), first), _mm_cmpeq_epi8(_mm_or_si128(b, fold), second))));
      for (; hits != 0; hits &= hits - 1) {
        const std::size_t place = at + static_cast<std::size_t>(__builtin_ctz(hits));
        if (matches(data + place)) return place;
      }
    }
#endif
    for (; at <= last; ++at) {
      if (matches(data + at)) return at;
    }
    return std::string_view::npos;
  }

 private:
  bool matches(const char* text) const {
    for (std::size_t i = 0; i < needle_.size(); ++i) {
      if (to_lower(text[i]) != needle_[i]) return false;
    }
    return true;
  }

  std::string needle_;
  std::size_t first_ = 0, second_ = 0;
};

// Appends the events of each line of the batch that holds the text.
void search_batch(const Batch& batch, const CaselessFinder& finder, record::Framer& framer, dialect::Parser& parser,
                  Arena& arena, std::vector<model::Event>& events) {
  const std::uint64_t begin = batch.position + static_cast<std::uint64_t>(batch.text.data() - batch.buffer.data());
  dialect::Emitter emitter(arena, events);
  framer.set_table(batch.table);
  for (std::size_t at = 0; (at = finder.find(batch.text, at)) != std::string_view::npos;) {
    const std::size_t before = at == 0 ? std::string_view::npos : batch.text.rfind('\n', at - 1);
    const std::size_t start = before == std::string_view::npos ? 0 : before + 1;
    const record::Unit unit = record::next_unit(batch.text, start);
    record::Record record;
    framer.frame(unit.bytes.substr(0, record::kMaxLine), arena, record);
    record.position = begin + start;
    record.source = batch.source;
    parser.parse(record, emitter);
    at = std::max(start + unit.size, at + 1);
  }
}

}  // namespace

bool is_plain_needle(std::string_view text) {
  return !text.empty() && std::all_of(text.begin(), text.end(), [](char c) {
    return is_alnum(c) || c == '@' || c == '.' || c == '_' || c == '-' || c == '+' || c == '=';
  });
}

void search_lines(const Inputs& inputs, std::string_view needle, const PipelineOptions& options, BlockDigests& digests,
                  const std::function<void(const model::Event&)>& found) {
  const CaselessFinder finder(needle);
  const std::uint64_t block = std::max<std::size_t>(options.block_size, 1);
  struct Piece {
    std::uint32_t source;
    std::uint64_t position, size;
  };
  std::vector<Piece> pieces;
  for (std::uint32_t i = 0; i < inputs.all().size(); ++i) {
    const std::uint64_t size = inputs.all()[i].source->size();
    for (std::uint64_t at = 0; at < size; at += block) pieces.push_back({i, at, std::min(block, size - at)});
  }
  std::atomic<std::size_t> next{0};
  std::mutex mutex;
  const auto work = [&] {
    Batch batch;
    record::Framer framer;
    dialect::Parser parser;
    Arena arena;
    std::vector<model::Event> events;
    DigestMaker maker;
    for (std::size_t i; (i = next.fetch_add(1)) < pieces.size();) {
      batch.clear();
      batch.source = pieces[i].source;
      batch.table = inputs.all()[batch.source].table.get();
      batch.position = pieces[i].position;
      batch.size = pieces[i].size;
      load_block(inputs, batch);
      arena.clear();
      events.clear();
      search_batch(batch, finder, framer, parser, arena, events);
      if (events.empty()) {
        BlockDigest* digest = digests.find(pieces[i].source, pieces[i].position, pieces[i].size);
        if (digest != nullptr) maker.make(batch, *digest);
        continue;
      }
      const std::lock_guard lock(mutex);
      for (const model::Event& event : events) found(event);
    }
  };
  const unsigned threads = options.threads != 0 ? options.threads : std::max(1u, std::thread::hardware_concurrency());
  std::vector<std::thread> others;
  for (unsigned i = 1; i < threads; ++i) others.emplace_back(work);
  work();
  for (std::thread& thread : others) thread.join();
}

std::vector<std::string> read_lines(Inputs& inputs, const std::vector<model::LineRef>& lines) {
  std::vector<std::string> texts(lines.size());
  // By source and place, so that a source that is read in order is read once.
  std::vector<std::size_t> order(lines.size());
  for (std::size_t i = 0; i < order.size(); ++i) order[i] = i;
  std::sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) {
    return std::pair(lines[a].source, lines[a].position) < std::pair(lines[b].source, lines[b].position);
  });
  for (std::size_t first = 0; first < order.size();) {
    std::size_t last = first;
    const std::uint32_t number = lines[order[first]].source;
    while (last < order.size() && lines[order[last]].source == number) ++last;
    Input& input = inputs.all()[number];
    if (input.source->seekable()) {
      for (std::size_t i = first; i < last; ++i) {
        const model::LineRef& line = lines[order[i]];
        std::string& text = texts[order[i]];
        text.resize(line.length);
        const Result<std::size_t> got = input.source->read_at(line.position, text.data(), text.size());
        text.resize(got.ok() ? *got : 0);
      }
    } else if (input.source->reopen().ok()) {
      std::vector<char> block(1024 * 1024);
      std::uint64_t position = 0;
      std::size_t i = first;
      while (i < last) {
        const Result<std::size_t> got = input.source->read(block.data(), block.size());
        if (!got.ok() || *got == 0) break;
        const std::uint64_t end = position + *got;
        for (std::size_t j = i; j < last && lines[order[j]].position < end; ++j) {
          const model::LineRef& line = lines[order[j]];
          std::string& text = texts[order[j]];
          const std::uint64_t from = std::max(position, line.position + text.size());
          const std::uint64_t to = std::min(end, line.position + line.length);
          if (from < to) text.append(block.data() + (from - position), to - from);
          if (text.size() == line.length && j == i) ++i;
        }
        position = end;
      }
      input.consumed = true;
    }
    first = last;
  }
  return texts;
}

}  // namespace mailtrail::app
