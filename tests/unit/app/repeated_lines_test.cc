// What a line repeats does not depend on where the log is cut into blocks, nor on how it is read.
#include <gtest/gtest.h>

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

}  // namespace
}  // namespace mailtrail::app
