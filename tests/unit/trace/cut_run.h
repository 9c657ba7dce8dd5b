// A tracer that is saved and restored into another one on the way.
#pragma once

#include <gtest/gtest.h>

#include <algorithm>
#include <memory>
#include <string>

#include "fact_text.h"
#include "trace/tracer.h"

namespace mailtrail::trace {

class CutRun {
 public:
  explicit CutRun(const TracerOptions& options)
      : options_(options), tracer_(std::make_unique<Tracer>(facts_, options)) {}

  Tracer& tracer() { return *tracer_; }
  void take(const model::Event& event) { tracer_->take(event); }
  // Everything from here on is told by another tracer.
  void cut() {
    const std::string state = tracer_->save();
    auto next = std::make_unique<Tracer>(facts_, options_);
    const Result<Done> done = next->restore(state);
    ASSERT_TRUE(done.ok()) << done.error().to_string();
    ASSERT_TRUE(next->save() == state) << "a restored state is saved as other bytes";
    tracer_ = std::move(next);
  }
  const std::vector<std::string>& facts() const { return facts_.lines; }

 private:
  const TracerOptions options_;
  FactText facts_;
  std::unique_ptr<Tracer> tracer_;
};

inline void expect_same_facts(const std::vector<std::string>& wanted, const std::vector<std::string>& got) {
  const std::size_t count = std::min(wanted.size(), got.size());
  for (std::size_t i = 0; i < count; ++i) ASSERT_EQ(wanted[i], got[i]) << "fact " << i;
  ASSERT_EQ(wanted.size(), got.size());
}

inline void expect_same_stats(const TracerStats& wanted, const TracerStats& got) {
  EXPECT_EQ(wanted.events, got.events);
  EXPECT_EQ(wanted.messages, got.messages);
  EXPECT_EQ(wanted.journeys, got.journeys);
  EXPECT_EQ(wanted.attempts, got.attempts);
  EXPECT_EQ(wanted.evicted, got.evicted);
  EXPECT_EQ(wanted.begin_missing, got.begin_missing);
  EXPECT_EQ(wanted.id_reused, got.id_reused);
  EXPECT_EQ(wanted.open_now, got.open_now);
  EXPECT_EQ(wanted.open_peak, got.open_peak);
  EXPECT_EQ(wanted.bytes_now, got.bytes_now);
  EXPECT_EQ(wanted.bytes_peak, got.bytes_peak);
}

}  // namespace mailtrail::trace
