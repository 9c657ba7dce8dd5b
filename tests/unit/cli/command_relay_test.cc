#include "cli/command_relay.h"

#include <gtest/gtest.h>

#include <thread>

#include "cli/exit_status.h"
#include "tests/unit/app/store_folder.h"

namespace mailtrail::cli {
namespace {

using Words = std::vector<std::string>;
using std::chrono::milliseconds;

TEST(RelayedWords, MeanWhatWasTyped) {
  const Words typed[] = {
      {"report"},
      {"--json", "report", "--since", "2d"},
      {"search", "-status:sent OR x"},
      {"search", "--", "-x", "--"},
      {"search", "", "--per=recipient", "-n", "5"},
      {"trace", "from:a@example.com", "--until=", "--host", "mx=1"},
      {"events", "-k", "reject,login", "--color", "never", "--no-pager"},
      {"export", "'\n\xff", "--format", "json"},
  };
  for (const Words& words : typed) {
    const Result<Arguments> arguments = parse_arguments(words);
    ASSERT_TRUE(arguments.ok()) << arguments.error().to_string();
    const Words relayed = relayed_words(*arguments);
    EXPECT_TRUE(app::is_answered(relayed.front()));
    const Result<Arguments> again = parse_arguments(relayed);
    ASSERT_TRUE(again.ok()) << again.error().to_string();
    EXPECT_EQ(again->command, arguments->command);
    EXPECT_EQ(again->options, arguments->options);
    EXPECT_EQ(again->words, arguments->words);
  }
}

TEST(RelayedWords, FileStaysWithWhoAsks) {
  const Arguments arguments = parse_arguments({"export", "", "-o", "rows.csv", "--force", "--limit", "3"}).value();
  EXPECT_EQ(relayed_words(arguments), (Words{"export", "--limit=3", "--", ""}));
}

// A command that tells all that it knows of the other end.
int tell(const Arguments& arguments, const TimeZone& zone, const Streams& streams) {
  std::string text = std::string(arguments.command->name) + ' ' + zone.name() + ' ' +
                     (streams.out_is_terminal ? "T" : "-") + (streams.err_is_terminal ? "T" : "-") +
                     (streams.colour_wanted ? "C" : "-") + (streams.unicode ? "U" : "-") + (streams.pager ? "P" : "-") +
                     ' ' + (streams.width ? std::to_string(*streams.width) : std::string("none")) + ' ' +
                     std::to_string(streams.height) + '\n';
  streams.out.write(text);
  say(streams, "told");
  show_page(streams, "1\n2\n3\n", !arguments.has("no-pager"));
  return kNothingFound;
}

class RelayTest : public ::testing::Test {
 protected:
  std::optional<app::CommandAnswer> relay(const Words& words, const Streams& streams) {
    return relay_command(store_, parse_arguments(words).value(), streams);
  }

  app::StoreFolder folder_;
  app::StoreDirectory store_ = folder_.store();
  app::StoreLock lock_ = app::StoreLock::take(store_, app::StoreUse::kWrite, "ingest", milliseconds(0)).value();
  std::unique_ptr<app::CommandSocket> socket_ = app::CommandSocket::open(store_, lock_, answer_with(tell)).value();
  TextOutput out_, err_;
};

TEST_F(RelayTest, WritesTheSameAsACommandOfThisProcess) {
  for (const bool on_terminal : {true, false}) {
    for (const char* option : {"--json", "--no-pager"}) {
      std::string paged[2];
      TextOutput out[2], err[2];
      const Arguments arguments = parse_arguments({"report", option}).value();
      for (const int relayed : {0, 1}) {
        Streams streams{out[relayed], err[relayed]};
        streams.out_is_terminal = streams.err_is_terminal = streams.colour_wanted = on_terminal;
        streams.unicode = !on_terminal;
        if (on_terminal) streams.width = 132;
        streams.height = 3;
        streams.pager = [&paged, relayed](std::string_view page) {
          paged[relayed] += page;
          return true;
        };
        if (relayed == 0) {
          EXPECT_EQ(tell(arguments, TimeZone::system(), streams), kNothingFound);
        } else {
          const std::optional<app::CommandAnswer> answer = relay_command(store_, arguments, streams);
          ASSERT_TRUE(answer && answer->whole);
          EXPECT_EQ(answer->status, kNothingFound);
        }
      }
      EXPECT_EQ(out[1].text, out[0].text);
      EXPECT_EQ(err[1].text, err[0].text);
      EXPECT_EQ(paged[1], paged[0]);
      EXPECT_EQ(paged[0].empty(), !on_terminal || std::string_view(option) == "--no-pager");
    }
  }
}

TEST_F(RelayTest, PageGoesOutWherePagerCannotBeRun) {
  Streams streams{out_, err_};
  streams.out_is_terminal = true;
  streams.height = 2;
  streams.pager = [](std::string_view) { return false; };
  ASSERT_TRUE(relay({"report"}, streams));
  EXPECT_TRUE(out_.text.ends_with("\n1\n2\n3\n")) << out_.text;
}

TEST_F(RelayTest, CommandThatNamesFilesIsRefused) {
  for (const Words& words : {Words{"report", "--", "mail.log"}, Words{"search", "--", "x", "mail.log"},
                             Words{"export", "x", "-o", "rows"}, Words{"report", "--nonsense"}, Words{"trace"}}) {
    struct Recorder : app::CommandStreams {
      void write_out(std::string_view bytes) override { out += bytes; }
      void flush_out() override {}
      void write_err(std::string_view bytes) override { err += bytes; }
      void show_page(std::string_view page) override { out += page; }
      std::string out, err;
    } recorder;
    app::CommandRequest request;
    request.words = words;
    request.zone = "UTC";
    const std::optional<app::CommandAnswer> answer = app::ask_command_socket(store_, request, recorder);
    ASSERT_TRUE(answer);
    EXPECT_EQ(answer->status, kWrongUse) << words.back();
    EXPECT_EQ(recorder.out, "");
    EXPECT_NE(recorder.err, "");
  }
}

TEST_F(RelayTest, TurnIsTheAnswerOfTheProcessThatWrites) {
  const Result<StoreTurn> turn =
      take_turn(store_, parse_arguments({"report"}).value(), Streams{out_, err_}, milliseconds(0));
  ASSERT_TRUE(turn.ok());
  EXPECT_FALSE(turn->lock);
  ASSERT_TRUE(turn->answer);
  EXPECT_TRUE(turn->answer->whole);
}

TEST_F(RelayTest, TurnIsTheLockWhereNobodyWrites) {
  socket_.reset();
  // Still in use, but nobody answers.
  const Arguments arguments = parse_arguments({"report"}).value();
  const Result<StoreTurn> refused = take_turn(store_, arguments, Streams{out_, err_}, milliseconds(0));
  ASSERT_FALSE(refused.ok());
  EXPECT_TRUE(refused.error().what.starts_with("store in use by mailtrail ingest, process ")) << refused.error().what;
  // Whoever ends does so between its socket and its lock.
  std::optional<app::StoreLock> ending(std::move(lock_));
  std::thread end([&ending] {
    std::this_thread::sleep_for(milliseconds(200));
    ending.reset();
  });
  const Result<StoreTurn> turn = take_turn(store_, arguments, Streams{out_, err_}, milliseconds(60'000));
  end.join();
  ASSERT_TRUE(turn.ok()) << turn.error().to_string();
  ASSERT_TRUE(turn->lock);
  EXPECT_FALSE(turn->answer);
  EXPECT_EQ(turn->lock->use(), app::StoreUse::kRead);
  EXPECT_EQ(out_.text + err_.text, "");
}

TEST_F(RelayTest, NobodyListens) {
  socket_->close();
  EXPECT_FALSE(relay({"report"}, Streams{out_, err_}));
  EXPECT_EQ(out_.text + err_.text, "");
}

}  // namespace
}  // namespace mailtrail::cli
