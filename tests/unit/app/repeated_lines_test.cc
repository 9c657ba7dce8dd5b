// What a line repeats does not depend on where the log is cut into blocks, nor on how it is read.
#include "app/repeated_lines.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "app/pipeline.h"
#include "log_files.h"
#include "model/event_json.h"

namespace mailtrail::app {
namespace {

const std::string kLog = [] {
  std::string text;
  for (int i = 0; i < 40; ++i) {
    const std::string who = std::to_string(i);
    text += "Nov 24 03:00:20 mx1 postfix/smtpd[500]: NOQUEUE: reject: RCPT from unknown[198.51.100.7]: 550 5.1.1 <a" +
            who + "@example.com>: Recipient address rejected; from=<s@example.net> to=<a" + who +
            "@example.com> proto=ESMTP helo=<x>\nNov 24 03:00:50 mx1 last message repeated 3 times\n"
            "Nov 24 03:01:50 mx1 last message repeated 7 times\n";
    // What a client of the server can make the log say is another program's.
    text += "Nov 24 03:01:51 mx1 dovecot: imap: last message repeated 9 times\n";
    text +=
        "Nov 24 03:01:52 mx1 postfix/smtp[503]: 6A1B2C3D01: to=<b@example.net>, relay=none, delay=1, dsn=4.4.1, "
        "status=deferred (x)\nNov 24 03:01:53 mx1 last message repeated 5 times\n";
  }
  return text;
}();

struct Told : EventSink {
  void on_event(const model::Event& event) override {
    model::append_event_json(json, event, "");
    json += '\n';
    if (event.kind == model::Kind::kReject) rejects += event.repeat;
    if (event.kind == model::Kind::kDelivery) deliveries += event.repeat;
    notices += event.kind == model::Kind::kNotice;
  }
  std::string json;
  std::uint64_t rejects = 0, deliveries = 0, notices = 0;
};

Told read(const std::string& path, std::size_t block_size) {
  Told told;
  Inputs inputs = Inputs::open({path}, TimeZone(), false);
  PipelineOptions options;
  options.block_size = block_size;
  options.threads = 2;
  run_pipeline(inputs, options, told);
  return told;
}

TEST(RepeatedLines, CountMoreOfTheLineBeforeWhereverTheLogIsCut) {
  const LogFiles files;
  const std::string plain = files.write("mail.log", kLog);
  const std::string gzip = files.write("mail.log.1.gz", packed(kLog, archive_write_add_filter_gzip));
  const Told whole = read(plain, 1 << 20);
  EXPECT_EQ(whole.rejects, 40u * (1 + 3 + 7));
  EXPECT_EQ(whole.deliveries, 40u);
  EXPECT_EQ(whole.notices, 40u);  // behind a delivery
  for (const std::size_t block_size : {1u, 50u, 64u, 100u, 333u, 1000u, 4096u}) {
    EXPECT_EQ(read(plain, block_size).json, whole.json) << block_size;
    EXPECT_EQ(read(gzip, block_size).json, whole.json) << block_size;
  }
}

// One run reads up to a line, the next goes on from what the first has saved.
TEST(RepeatedLines, CountMoreOfALineThatAnEarlierRunHasRead) {
  const std::string repeated = "Nov 24 03:00:50 mx1 last message repeated 3 times\n";
  std::string text;
  for (const char* line :
       {"postfix/smtpd[500]: NOQUEUE: reject: RCPT from unknown[198.51.100.7]:4711: 550 5.1.1 <a@example.com>: x; "
        "from=<s@example.net> to=<a@example.com> proto=ESMTP helo=<x>",
        "postfix/smtpd[500]: warning: unknown[198.51.100.9]: SASL LOGIN authentication failed: authentication failure",
        "postgrey[77]: action=greylist, reason=new, client_name=mail.example.net, client_address=192.0.2.7, "
        "sender=s@example.net, recipient=a@example.com",
        "postfix/smtpd[500]: warning: hostname mail.example.net does not resolve to address 192.0.2.7"}) {
    text += "Nov 24 03:00:20 mx1 " + (line + ('\n' + repeated)) + repeated;
  }
  const LogFiles files;
  const std::string whole = read(files.write("mail.log", text), 1 << 20).json;
  std::string told;
  std::string shown;
  SourceState state;
  for (const std::string_view line : lines_of(text)) {
    shown += line;
    Told next;
    Inputs inputs = Inputs::open({files.write("mail.log", shown)}, TimeZone(), false);
    PipelineOptions options;
    options.states = {state};
    inputs.all()[0].start = state.position;
    std::vector<SourceState> reached;
    run_pipeline(inputs, options, next, &reached);
    Result<SourceState> restored = SourceState::restore(reached.at(0).save());
    ASSERT_TRUE(restored.ok());
    state = *restored;
    told += next.json;
  }
  EXPECT_EQ(told, whole);
  EXPECT_EQ(std::count(whole.begin(), whole.end(), '\n'), 12);
}

TEST(RepeatedLines, ADamagedMemoryIsNone) {
  RepeatedLines lines;
  for (const std::string_view bytes : {"", "x", "\x01\x07", "\x02\x01\x01\x01\x01\x01"}) {
    lines.restore(bytes);
    EXPECT_EQ(lines.save(), "");
  }
}

}  // namespace
}  // namespace mailtrail::app
