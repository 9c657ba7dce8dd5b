// The tables that the tracer stands on, against plain ones.
#include <gtest/gtest.h>

#include <map>
#include <random>
#include <set>

#include "trace/pending_links.h"
#include "trace/sessions.h"
#include "trace/stay.h"
#include "trace/text_pool.h"

namespace mailtrail::trace {
namespace {

std::multiset<Index> found(const HashIndex& index, std::uint64_t hash) {
  std::multiset<Index> all;
  index.find(hash, [&](Index one) {
    all.insert(one);
    return false;
  });
  return all;
}

// `spread`: how many low bits the hashes have beside their high ones; few of them crowd into runs.
void compare_with_multimap(unsigned spread, std::uint32_t seed) {
  std::mt19937_64 random(seed);
  HashIndex index;
  std::multimap<std::uint64_t, Index> plain;
  Index next = 0;
  for (int step = 0; step < 30'000; ++step) {
    const std::uint64_t low = random() & ((std::uint64_t{1} << spread) - 1);
    // The high half is what candidates are first told apart by: some hashes share it, some do not.
    const std::uint64_t hash = (random() % 3) << 32 | (low << (random() % 2 ? 0 : 6));
    if (plain.size() < 200 || random() % 100 < 52) {
      index.insert(hash, next);
      plain.emplace(hash, next++);
    } else {
      auto victim = plain.lower_bound(hash);
      if (victim == plain.end()) victim = plain.begin();
      index.erase(victim->first, victim->second);
      plain.erase(victim);
    }
    std::multiset<Index> wanted;
    const auto [begin, end] = plain.equal_range(hash);
    for (auto at = begin; at != end; ++at) wanted.insert(at->second);
    const std::multiset<Index> got = found(index, hash);
    // A candidate of another hash may be named, for the caller compares; one of this hash must be.
    for (const Index one : wanted) ASSERT_TRUE(got.contains(one)) << "step " << step;
    ASSERT_EQ(std::set<Index>(got.begin(), got.end()).size(), got.size()) << "named twice at step " << step;
  }
  for (const auto& [hash, one] : plain) {
    EXPECT_EQ(index.find(hash, [wanted = one](Index candidate) { return candidate == wanted; }), one);
    index.erase(hash, one);
    EXPECT_FALSE(found(index, hash).contains(one));
  }
}

TEST(HashIndex, IsAMultimap) {
  compare_with_multimap(40, 1);
  compare_with_multimap(12, 2);
  compare_with_multimap(5, 3);
}

TEST(HashIndex, ErasingWhatIsNotThereChangesNothing) {
  HashIndex index;
  index.insert(7, 1);
  index.insert(7 + (std::uint64_t{1} << 20), 2);
  index.erase(7, 3);
  index.erase(99, 1);
  EXPECT_TRUE(found(index, 7).contains(1));
  EXPECT_EQ(index.find(1234567, [](Index) { return true; }), kNobody);
}

TEST(PendingLinks, TheLastOnesAreKeptTheLatestFirst) {
  constexpr std::uint32_t kKept = 1u << 16;
  PendingLinks links;
  std::vector<std::uint64_t> hashes;
  std::mt19937_64 random(4);
  for (std::uint32_t i = 0; i < kKept + kKept / 2; ++i) {
    // A bucket holds several hashes.
    hashes.push_back(random() % 500 + ((random() % 2) << 40));
    links.add({hashes.back(), {i, 0}, i, model::Link::kRelay, Micros(i)});
  }
  std::map<std::uint64_t, std::vector<std::uint32_t>> wanted;
  for (std::size_t i = hashes.size(); i-- > hashes.size() - kKept;) {
    wanted[hashes[i]].push_back(static_cast<std::uint32_t>(i));
  }
  for (const auto& [hash, numbers] : wanted) {
    std::vector<std::uint32_t> got;
    links.for_each(hash, [&](const PendingLink& link) { got.push_back(link.recipient); });
    ASSERT_EQ(got, numbers) << hash;
    EXPECT_TRUE(links.any(hash));
  }
  EXPECT_FALSE(links.any(999'999));
}

TEST(PendingLinks, WhatWasWrittenOverIsForgotten) {
  constexpr std::uint32_t kKept = 1u << 16;
  PendingLinks links;
  links.add({42, {}, 0, model::Link::kRelay, 0});
  for (std::uint32_t i = 0; i < 3 * kKept; ++i) {
    EXPECT_EQ(links.any(42), i < kKept) << i;
    links.add({43, {}, i, model::Link::kRelay, 0});
    if (i > kKept) i += 500;
  }
}

TEST(TextPool, TextsStayWhereTheyAre) {
  ChunkStore store;
  std::mt19937 random(5);
  {
    TextPool first(store), second(store);
    std::vector<std::pair<std::string, std::string_view>> kept;
    for (int i = 0; i < 2'000; ++i) {
      std::string text(random() % 40, static_cast<char>('a' + random() % 26));
      if (i % 50 == 0) text.assign(200 + random() % 3'000, 'L');
      kept.emplace_back(text, (i % 2 ? first : second).add(text));
    }
    for (const auto& [text, view] : kept) ASSERT_EQ(text, view);
    const std::size_t both = store.bytes();
    EXPECT_GT(both, 40'000u);
    first.clear();
    EXPECT_LT(store.bytes(), both);
    EXPECT_GT(store.bytes(), 10'000u);
    // What is given back is used again, and the other's texts are not touched.
    for (int i = 0; i < 1'000; ++i) first.add("0123456789");
    for (std::size_t i = 0; i < kept.size(); i += 2) ASSERT_EQ(kept[i].first, kept[i].second);
    EXPECT_EQ(first.add(""), "");
  }
  EXPECT_EQ(store.bytes(), 0u);
}

model::Event event_of(std::string_view host, std::string_view program, std::int32_t pid) {
  model::Event event;
  event.host = host;
  event.program = program;
  event.pid = pid;
  return event;
}

TEST(SessionTable, IsBounded) {
  ChunkStore store;
  SessionTable sessions(store);
  for (std::int32_t pid = 0; pid < 45'000; ++pid) {
    Session& session = sessions.open(event_of("mx1", "postfix/smtpd", pid));
    session.client_ip = session.pool.add("198.51.100.7");
    ASSERT_LE(sessions.size(), 20'000u);
    ASSERT_EQ(sessions.find(event_of("mx1", "postfix/smtpd", pid)), &session);
  }
  EXPECT_EQ(sessions.size(), 20'000u);
  std::size_t open = 0, alive = 0;
  sessions.for_each([&](Session& session) {
    ++open;
    alive += sessions.find(event_of("mx1", "postfix/smtpd", session.pid)) == &session;
  });
  EXPECT_EQ(open, 20'000u);
  EXPECT_EQ(alive, open);
  EXPECT_LE(store.bytes(), 20'000u * ChunkStore::kChunk);
}

TEST(SessionTable, TellsHostsProgramsAndProcessesApart) {
  ChunkStore store;
  SessionTable sessions(store);
  Session& one = sessions.open(event_of("mx1", "postfix/smtpd", 7));
  EXPECT_NE(&one, &sessions.open(event_of("mx2", "postfix/smtpd", 7)));
  EXPECT_NE(&one, &sessions.open(event_of("mx1", "postfix/submission/smtpd", 7)));
  EXPECT_NE(&one, &sessions.open(event_of("mx1", "postfix/smtpd", 8)));
  EXPECT_EQ(&one, &sessions.open(event_of("mx1", "postfix/smtpd", 7)));
  EXPECT_EQ(sessions.size(), 4u);
  sessions.close(one);
  EXPECT_EQ(sessions.find(event_of("mx1", "postfix/smtpd", 7)), nullptr);
  EXPECT_NE(sessions.find(event_of("mx2", "postfix/smtpd", 7)), nullptr);
  EXPECT_EQ(sessions.size(), 3u);
}

}  // namespace
}  // namespace mailtrail::trace
