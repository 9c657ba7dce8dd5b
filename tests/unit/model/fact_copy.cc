#include "model/fact_copy.h"

#include <gtest/gtest.h>

#include <deque>
#include <memory>
#include <string>
#include <vector>

#include "model/fact_columns.h"

namespace mailtrail::model {
namespace {

// Memory that a fact points to, and that is overwritten once the fact was copied.
class Quicksand {
 public:
  Text text() {
    std::string& kept = texts_.emplace_back("text number " + std::to_string(texts_.size()) + " of a fact");
    return kept;
  }
  Texts texts() {
    auto& list = lists_.emplace_back(std::vector<Text>{text(), text()});
    return list;
  }
  std::span<const LineRef> lines() {
    auto& list = lines_.emplace_back(std::vector<LineRef>{{1, 2, 3, 4}, {5, 6, 7, 8}});
    return list;
  }
  std::span<const fact::Step> steps() {
    auto& list = steps_.emplace_back(std::vector<fact::Step>{{9, Kind::kHold, text(), text(), {}}});
    return list;
  }
  std::span<const CommandCount> commands() {
    auto& list = commands_.emplace_back(std::vector<CommandCount>{{text(), 1, 2}});
    return list;
  }
  void sink() {
    for (std::string& one : texts_) one.assign(one.size(), '#');
    for (auto& list : lists_) list.assign(list.size(), "gone");
    for (auto& list : lines_) list.assign(list.size(), {});
    for (auto& list : steps_) list.assign(list.size(), {});
    for (auto& list : commands_) list.assign(list.size(), {});
  }

 private:
  std::deque<std::string> texts_;
  std::deque<std::vector<Text>> lists_;
  std::deque<std::vector<LineRef>> lines_;
  std::deque<std::vector<fact::Step>> steps_;
  std::deque<std::vector<CommandCount>> commands_;
};

// Lets every column of a fact that is not a number point into the sand.
struct Filler {
  Quicksand& sand;
  void fill(Text& text) const { text = sand.text(); }
  void fill(Texts& texts) const { texts = sand.texts(); }
  void fill(std::span<const LineRef>& lines) const { lines = sand.lines(); }
  void fill(std::span<const fact::Step>& steps) const { steps = sand.steps(); }
  void fill(std::span<const CommandCount>& commands) const { commands = sand.commands(); }
  template <class T>
  void fill(T&) const {}
  template <class T>
  void operator()(std::string_view, const T& member, fact::Role = {}) const {
    fill(const_cast<T&>(member));
  }
};

// What a fact says in its texts and lists.
struct Reader {
  std::string& out;
  void read(const Text& text) const { out.append(text) += '\n'; }
  void read(const Texts& texts) const {
    for (const Text text : texts) read(text);
  }
  void read(const std::span<const LineRef>& lines) const {
    for (const LineRef& line : lines) out += std::to_string(line.line) + ':' + std::to_string(line.source) + '\n';
  }
  void read(const std::span<const fact::Step>& steps) const {
    for (const fact::Step& step : steps) read(step.text), read(step.child_queue_id), read(word(step.kind));
  }
  void read(const std::span<const CommandCount>& commands) const {
    for (const CommandCount& one : commands) read(one.name), out += std::to_string(one.total);
  }
  template <class T>
  void read(const T&) const {}
  template <class T>
  void operator()(std::string_view, const T& member, fact::Role = {}) const {
    read(member);
  }
};

template <class Fact>
std::string read(const Fact& fact) {
  std::string out;
  fact::columns(fact, Reader{out});
  return out;
}

template <class Fact>
class FactCopy : public testing::Test {};
using Kinds = testing::Types<fact::Journey, fact::Message, fact::Delivery, fact::Recipient, fact::AuthResult,
                             fact::Verdict, fact::Rejection, fact::Login, fact::Session, fact::TlsSession, fact::Notice,
                             fact::Policy, fact::Gap>;
TYPED_TEST_SUITE(FactCopy, Kinds);

TYPED_TEST(FactCopy, OutlivesWhatTheFactPointedTo) {
  Quicksand sand;
  Arena arena;
  TypeParam fact;
  fact::columns(fact, Filler{sand});
  const std::string before = read(fact);
  ASSERT_NE(before.find("text number 0"), std::string::npos);
  const TypeParam copy = copy_of(fact, arena);
  sand.sink();
  EXPECT_NE(read(fact), before);
  EXPECT_EQ(read(copy), before);
}

TEST(FactCopyOfADelivery, HasWhatItTakesFromItsMessage) {
  Quicksand sand;
  Arena arena;
  fact::Delivery fact;
  const auto texts = [](const fact::Delivery& of) {
    std::string out;
    for (const Text text :
         {of.host, of.queue_id, of.sender, of.message_id, of.client_name, of.client_ip, of.sasl_user, of.subject}) {
      out.append(text) += '\n';
    }
    return out;
  };
  for (Text* text : {&fact.host, &fact.queue_id, &fact.sender, &fact.message_id, &fact.client_name, &fact.client_ip,
                     &fact.sasl_user, &fact.subject}) {
    *text = sand.text();
  }
  const std::string before = texts(fact);
  const fact::Delivery copy = copy_of(fact, arena);
  sand.sink();
  EXPECT_EQ(texts(copy), before);
}

TEST(FactCopyOfAJourney, HasCopiesOfItsParts) {
  Quicksand sand;
  Arena arena;
  auto message = std::make_unique<fact::Message>();
  auto delivery = std::make_unique<fact::Delivery>();
  auto recipient = std::make_unique<fact::Recipient>();
  auto result = std::make_unique<fact::AuthResult>();
  auto verdict = std::make_unique<fact::Verdict>();
  message->helo = sand.text();
  delivery->event.reply = sand.text();
  recipient->orig_recipients = sand.texts();
  result->auth.selector = sand.text();
  verdict->verdict.symbols = sand.texts();
  fact::Journey journey;
  journey.messages = {message.get(), 1};
  journey.deliveries = {delivery.get(), 1};
  journey.recipients = {recipient.get(), 1};
  journey.auth_results = {result.get(), 1};
  journey.verdicts = {verdict.get(), 1};
  journey.queue_ids = sand.texts();
  journey.hosts = sand.texts();
  const fact::Journey copy = copy_of(journey, arena);
  sand.sink();
  message.reset(), delivery.reset(), recipient.reset(), result.reset(), verdict.reset();
  EXPECT_EQ(copy.messages[0].helo, "text number 0 of a fact");
  EXPECT_EQ(copy.deliveries[0].event.reply, "text number 1 of a fact");
  EXPECT_EQ(copy.recipients[0].orig_recipients[1], "text number 3 of a fact");
  EXPECT_EQ(copy.auth_results[0].auth.selector, "text number 4 of a fact");
  EXPECT_EQ(copy.verdicts[0].verdict.symbols[0], "text number 5 of a fact");
  EXPECT_EQ(copy.queue_ids[1], "text number 8 of a fact");
  EXPECT_EQ(copy.hosts[0], "text number 9 of a fact");
}

}  // namespace
}  // namespace mailtrail::model
