// What is under way, as bytes that a later program can read: writer, reader, and what moves texts to their pools.
//
// A state is: `MTTRACE` and a line feed; the version, 4 bytes; the size of the rest behind the checksum, 8 bytes; the
// checksum of that rest, 8 bytes (hash_bytes); a record. Numbers of a fixed size are little-endian.
//
// A record is fields and a byte 0. A field is a tag and a value. The tag is a varint: number * 8 + Form. Numbers
// ascend within a record. A field that holds its default (0, empty, absent) is not written. Forms:
//   kNumber  a varint of base 128 (signed ones zigzag)
//   kFixed   8 bytes
//   kBytes   a varint, and so many bytes
//   kList    a varint, so many records follow; a varint, how many more there was room for; the records
//   kRecord  a record
//
// The rule for changes, so that a state of every earlier version can be read for ever:
//   - A new field takes the next number that its record never had, stands last in `fields`, and is written as nothing
//     where it has its default; the default MUST be what a state without the field means.
//   - A field that goes leaves its number free for ever (readers skip numbers that they do not know). A field never
//     changes its form or its meaning: it goes, and another comes.
//   - Enums are written as their numbers: new values stand last (model/vocabulary.h).
//   - kStateVersion rises with each such change, for a program MUST NOT read what is later than itself: it would lose
//     what it does not know. tests/data/states/ keeps one state of each version, which a test reads.
#pragma once

#include <bit>
#include <concepts>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <deque>
#include <limits>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <type_traits>
#include <vector>

#include "base/byte_stream.h"
#include "base/hash.h"
#include "trace/stay_set.h"
#include "trace/tracer_state_words.h"

namespace mailtrail::trace {

inline constexpr std::uint32_t kStateVersion = 2;

enum class Form : std::uint8_t { kNumber, kFixed, kBytes, kList, kRecord };

// What `fields` of each struct (tracer_state_fields.h) calls to write it. One whole call is one field.
class StateWriter {
 public:
  // Appends to `out`. References to stays of `stays` are written as their indexes; those to stays that are no more, as
  // nobody.
  StateWriter(std::string& out, const StaySet& stays) : out_(out), bytes_(out), stays_(stays) {}

  // Numbers, enums, texts and what is optional of these.
  template <class T>
  void operator()(unsigned number, const T& value) {
    if (value != T{}) always(number, value);
  }
  template <class T>
  void operator()(unsigned number, const std::optional<T>& value) {
    if (value) always(number, *value);
  }
  void operator()(unsigned, const model::Texts& texts) {
    if (!texts.empty()) stop("BUG: a list of texts is kept that saved states have no field for");
  }
  // For those whose default is not 0.
  template <class T>
  void always(unsigned number, const T& value) {
    if constexpr (std::is_convertible_v<T, std::string_view>) {
      tag(number, Form::kBytes);
      bytes_.text(value);
    } else if constexpr (std::is_enum_v<T>) {
      tag(number, Form::kNumber);
      bytes_.number(static_cast<std::uint64_t>(value));
    } else if constexpr (std::is_floating_point_v<T>) {
      tag(number, Form::kFixed);
      bytes_.real(value);
    } else if constexpr (std::is_signed_v<T>) {
      tag(number, Form::kNumber);
      bytes_.signed_number(value);
    } else {
      static_assert(std::is_unsigned_v<T>, "a type that saved states have no form for");
      tag(number, Form::kNumber);
      bytes_.number(value);
    }
  }
  // A hash.
  void fixed(unsigned number, std::uint64_t value) {
    if (value == 0) return;
    tag(number, Form::kFixed);
    bytes_.real(std::bit_cast<double>(value));
  }
  // Times that come are written as their distance from `base`.
  void set_base(Micros base) { base_ = base; }
  Micros base() const { return base_; }
  void time(unsigned number, Micros value) {
    if (value == 0) return;
    tag(number, Form::kNumber);
    bytes_.signed_number(value - base_);
  }
  void ref(unsigned number, const StayRef& ref) {
    if (stays_.at(ref) != nullptr) always(number, static_cast<std::uint64_t>(ref.index) + 1);
  }
  template <class T>
  void record(unsigned number, const T& one) {
    tag(number, Form::kRecord);
    fields(*this, one);
    end();
  }
  // `write()` writes the fields.
  template <class F>
  void record_by(unsigned number, F&& write) {
    tag(number, Form::kRecord);
    write();
    end();
  }
  template <class List>
  void list(unsigned number, const List& all) {
    if (!all.empty()) write_list(number, all, 0);
  }
  // Of `count` records: `write(record)` calls `record(fields)` for each.
  template <class F>
  void list_by(unsigned number, std::size_t count, F&& write) {
    if (count == 0) return;
    begin_list(number, count, 0);
    write([this](auto&& write_fields) {
      write_fields();
      end();
    });
  }
  // One whose memory counts: room that is not used decides when more is counted.
  template <class T>
  void counted_list(unsigned number, const std::vector<T>& all) {
    if (all.capacity() != 0) write_list(number, all, all.capacity() - all.size());
  }
  template <class T>
  void owned(unsigned number, const std::unique_ptr<T>& one) {
    if (one) record(number, *one);
  }

  // Of one stay (or session). Those that are the stay's own queue id and host are not written again.
  void queue_id(unsigned number, const Stay& stay) {
    queue_id_ = stay.queue_id;
    (*this)(number, stay.queue_id);
  }
  void host(unsigned number, const Stay& stay) {
    host_ = stay.host;
    (*this)(number, stay.host);
  }
  void same_queue_id(unsigned number, Text text) {
    if (text != queue_id_) always(number, text);
  }
  void same_host(unsigned number, Text text) {
    if (text != host_) always(number, text);
  }
  void evidence(unsigned number, const char* text) { (*this)(number, Text(text)); }
  void pool(unsigned number, const TextPool& pool) { record(number, pool.account()); }
  void recipient_index(unsigned number, const Stay& stay);

 private:
  void tag(unsigned number, Form form) { bytes_.number(number * 8 + static_cast<unsigned>(form)); }
  void end() { out_ += '\0'; }
  void begin_list(unsigned number, std::size_t count, std::size_t room) {
    tag(number, Form::kList);
    bytes_.number(count);
    bytes_.number(room);
  }
  template <class List>
  void write_list(unsigned number, const List& all, std::size_t room) {
    begin_list(number, all.size(), room);
    for (const auto& one : all) {
      fields(*this, one);
      end();
    }
  }
  [[noreturn]] static void stop(const char* text) {
    std::fprintf(stderr, "%s\n", text);
    std::abort();
  }

  std::string& out_;
  ByteWriter bytes_;
  const StaySet& stays_;
  Micros base_ = 0;
  Text queue_id_, host_;
};

// Reads what a StateWriter wrote, by the same `fields`. Texts point into the bytes until `TextMover` moves them. Bytes
// may be anything: whatever cannot be makes `ok` false, and from then on nothing more is read.
class StateReader {
 public:
  // `budget`: how many bytes of memory may be taken for what is read.
  StateReader(std::string_view bytes, std::size_t budget) : all_(bytes), bytes_(bytes), budget_(budget) {}

  bool ok() const { return ok_; }
  // True when all was read to the last byte.
  bool finished() const { return ok_ && bytes_.finished(); }
  // What cannot be, for an Error; the first that was found.
  const char* why() const { return why_; }
  void fail(const char* why) {
    if (ok_) why_ = why;
    ok_ = false;
    bytes_.fail();
    tag_ = 0;
  }
  void check(bool condition, const char* why) {
    if (!condition) fail(why);
  }
  // Says false where so much memory may not be taken.
  bool charge(std::size_t count, std::size_t size) {
    if (count > budget_ / size) {
      fail("it needs more memory than the limit allows");
      return false;
    }
    budget_ -= count * size;
    return ok_;
  }
  bool is_inside(Text text) const {
    const auto begin = reinterpret_cast<std::uintptr_t>(all_.data());
    const auto at = reinterpret_cast<std::uintptr_t>(text.data());
    return at >= begin && at < begin + all_.size();
  }

  // One record, to its end: `read_fields()` reads its fields.
  template <class F>
  void read_by(F&& read_fields) {
    const std::uint32_t outer = begin_record();
    if (ok_) read_fields();
    end_record(outer);
  }
  template <class T>
  void read(T& one) {
    read_by([&] { fields(*this, one); });
  }

  template <class T>
  void operator()(unsigned number, T& value) {
    if (next_is(number, form_of<T>())) take(value);
  }
  template <class T>
  void operator()(unsigned number, std::optional<T>& value) {
    if (next_is(number, form_of<T>())) take(value.emplace());
  }
  void operator()(unsigned, model::Texts&) {}
  template <class T>
  void always(unsigned number, T& value) {
    (*this)(number, value);
  }
  void fixed(unsigned number, std::uint64_t& value) {
    if (!next_is(number, Form::kFixed)) return;
    value = std::bit_cast<std::uint64_t>(bytes_.real());
    read_tag();
  }
  void set_base(Micros base) { base_ = base; }
  Micros base() const { return base_; }
  void time(unsigned number, Micros& value) {
    if (!next_is(number, Form::kNumber)) return;
    const std::int64_t distance = bytes_.signed_number();
    if (distance > kMostTime || distance < -kMostTime) return fail("a time is out of range");
    value = base_ + distance;
    if (value > kMostTime || value < -kMostTime) return fail("a time is out of range");
    read_tag();
  }
  // Restored stays are of generation 0, free places of generation 1: what points to nobody finds nobody.
  void ref(unsigned number, StayRef& ref) {
    if (!next_is(number, Form::kNumber)) return;
    const std::uint64_t index = bytes_.number();
    if (index == 0 || index > kNobody) return fail("a reference is out of range");
    ref = {static_cast<Index>(index - 1), 0};
    read_tag();
  }
  template <class T>
  void record(unsigned number, T& one) {
    if (!next_is(number, Form::kRecord)) return;
    read(one);
    read_tag();
  }
  template <class T>
  void list(unsigned number, std::vector<T>& all) {
    if (!next_is(number, Form::kList)) return;
    const std::uint64_t count = bytes_.number(), room = bytes_.number();
    if (count > bytes_.left()) return fail("a list is longer than the bytes");
    if (room > UINT32_MAX || !charge(count + room, sizeof(T))) return fail("a list has too much room");
    all.reserve(count + room);
    for (std::uint64_t i = 0; i < count && ok_; ++i) read(all.emplace_back());
    read_tag();
  }
  template <class T>
  void counted_list(unsigned number, std::vector<T>& all) {
    list(number, all);
  }
  template <class T>
  void list(unsigned number, std::deque<T>& all) {
    list_by(number, [&] {
      if (charge(1, sizeof(T))) fields(*this, all.emplace_back());
    });
  }
  // Calls `read_fields()` in each record of a list.
  template <class F>
  void list_by(unsigned number, F&& read_fields) {
    if (!next_is(number, Form::kList)) return;
    const std::uint64_t count = bytes_.number();
    bytes_.number();
    if (count > bytes_.left()) return fail("a list is longer than the bytes");
    for (std::uint64_t i = 0; i < count && ok_; ++i) read_by(read_fields);
    read_tag();
  }
  template <class F>
  void record_by(unsigned number, F&& read_fields) {
    if (!next_is(number, Form::kRecord)) return;
    read_by(read_fields);
    read_tag();
  }
  template <class T>
  void owned(unsigned number, std::unique_ptr<T>& one) {
    if (!next_is(number, Form::kRecord)) return;
    if (!charge(1, sizeof(T))) return;
    one = std::make_unique<T>();
    read(*one);
    read_tag();
  }

  void queue_id(unsigned number, Stay& stay) {
    (*this)(number, stay.queue_id);
    // A long one is moved with the other texts.
    if (stay.queue_id.size() <= sizeof stay.id_bytes) stay.set_queue_id(stay.queue_id);
    queue_id_ = stay.queue_id;
  }
  void host(unsigned number, Stay& stay) {
    (*this)(number, stay.host);
    host_ = stay.host;
  }
  void same_queue_id(unsigned number, Text& text) {
    text = queue_id_;
    (*this)(number, text);
  }
  void same_host(unsigned number, Text& text) {
    text = host_;
    (*this)(number, text);
  }
  void evidence(unsigned number, const char*&) {
    evidence_ = {};
    (*this)(number, evidence_);
  }
  void pool(unsigned number, TextPool&) {
    account_ = {};
    record(number, account_);
    for (const std::size_t bytes : {account_.held, account_.left, account_.beside}) {
      check(bytes <= kMostHeld, "texts hold more memory than there can be");
    }
  }
  void recipient_index(unsigned number, Stay& stay);
  // What the last `evidence` and `pool` read.
  Text last_evidence() const { return evidence_; }
  const TextPool::Account& last_account() const { return account_; }

 private:
  static constexpr Micros kMostTime = Micros{1} << 60;
  static constexpr int kDeepest = 8;
  static constexpr std::size_t kMostHeld = std::size_t{1} << 40;

  template <class T>
  static constexpr Form form_of() {
    if constexpr (std::is_convertible_v<T, std::string_view>) return Form::kBytes;
    if constexpr (std::is_floating_point_v<T>) return Form::kFixed;
    return Form::kNumber;
  }
  // Gives what `end_record` must be given.
  std::uint32_t begin_record() {
    const std::uint32_t outer = tag_;
    if (++depth_ > kDeepest) fail("it is nested too deep");
    tag_ = 0;
    read_tag();
    return outer;
  }
  void end_record(std::uint32_t outer) {
    while (ok_ && tag_ != 0) skip();
    tag_ = outer;
    --depth_;
  }
  void read_tag() {
    if (!ok_) return;
    const std::uint64_t tag = bytes_.number();
    if (!bytes_.ok()) return fail("it ends too early");
    if (tag != 0 && (tag <= tag_ || tag > UINT32_MAX)) return fail("fields are out of order");
    tag_ = static_cast<std::uint32_t>(tag);
  }
  // Skips what stands before `number` and is no more known, and says whether this comes next.
  bool next_is(unsigned number, Form form) {
    while (ok_ && tag_ != 0 && tag_ / 8 < number) skip();
    if (!ok_ || tag_ / 8 != number) return false;
    if (tag_ % 8 == static_cast<unsigned>(form)) return true;
    fail("a field has another form");
    return false;
  }
  void skip();

  template <class T>
  void take(T& value) {
    if constexpr (std::is_convertible_v<T, std::string_view>) {
      value = bytes_.text();
      if constexpr (std::is_same_v<T, std::string>) charge(value.size(), 1);
    } else if constexpr (std::is_enum_v<T>) {
      const std::uint64_t number = bytes_.number();
      value = static_cast<T>(number);
      if (number > std::numeric_limits<std::underlying_type_t<T>>::max() || !is_known(value)) {
        value = T{};
        fail("a word is not known");
      }
    } else if constexpr (std::is_floating_point_v<T>) {
      value = bytes_.real();
    } else if constexpr (std::is_signed_v<T>) {
      take_number(value, bytes_.signed_number());
    } else {
      take_number(value, bytes_.number());
    }
    read_tag();
  }
  template <class T, class N>
  void take_number(T& value, N number) {
    if (number > static_cast<N>(std::numeric_limits<T>::max()) ||
        number < static_cast<N>(std::numeric_limits<T>::min())) {
      return fail("a number is out of range");
    }
    value = static_cast<T>(number);
  }

  const std::string_view all_;
  ByteReader bytes_;
  std::size_t budget_;
  bool ok_ = true;
  const char* why_ = "";
  std::uint32_t tag_ = 0;
  int depth_ = 0;
  Micros base_ = 0;
  Text queue_id_, host_, evidence_;
  TextPool::Account account_;
};

}  // namespace mailtrail::trace
