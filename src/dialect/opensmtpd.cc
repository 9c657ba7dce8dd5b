// clang-format off
// NAME
//   opensmtpd
//
// SUMMARY
//   OpenSMTPD's smtpd(8). The queue id is that of the message, eight digits; `extra.evpid` is that of the envelope, which
//   begins with it and is for one recipient. `connect`, `disconnect`, `tls`, `login`, `reject`, `policy` for sessions of
//   clients, with `session_id`; `receive` for a message and `queue` for each of its envelopes; `delivery` for each attempt of
//   `mta` and `mda`, `expire` for an envelope whose time ran out (`extra.recipient`), `delete` for one that was removed. What sessions to other servers
//   say of connections is a `notice`.
//
// SOURCES
//   OpenSMTPD 7.4.0p1 (Debian 12 backports): lines; the sources of 6.8.0p2 and of the times of 6.0 (`event=connected`)
//
// SAMPLES
//   Nov 24 03:14:40 mx1 smtpd[397]: d4b1cc8093570c17 smtp connected address=203.0.113.3 host=client3.good.example
//   Nov 24 03:14:40 mx1 smtpd[397]: d4b1cc8127245229 smtp message msgid=f9e0602a size=515 nrcpt=1 proto=ESMTP
//   Nov 24 03:14:40 mx1 smtpd[397]: d4b1cc8127245229 smtp envelope evpid=f9e0602a85667a5d from=<s@sender.example> to=<bob@local.example>
//   Nov 24 03:14:41 mx1 smtpd[397]: d4b1cc8818fab578 mta delivery evpid=542effdd4fa9b217 from=<alice@local.example> to=<defer-h0@smart.example> rcpt=<-> source="198.51.100.16" relay="198.51.100.16 (mx.smart.example)" delay=0s result="TempFail" stat="451 4.3.0 <defer-h0@smart.example>: Temporary lookup failure"
//   Nov 24 03:14:41 mx1 smtpd[397]: d4b1cc82ce11452c mda delivery evpid=f9e0602a85667a5d from=<s@sender.example> to=<bob@local.example> rcpt=<bob@local.example> user=bob delay=1s result=Ok stat=Delivered
//   Nov 24 03:16:00 mx1 smtpd[398]: relay: Expire for 05396831cf659040: from=<alice@local.example>, to=<defer-x21@smart.example>, rcpt=<->, delay=1m, stat=Envelope expired
//
// KNOWN GAPS
//   The sessions of 5.x (`smtp-in: ..`) are notices. What a filter writes to its standard error is logged under a name
//   of the site's own and not read. No line says which notification was made for which message.
// clang-format on
#include "dialect/dialect.h"
#include "dialect/opensmtpd/parts.h"
#include "dialect/opensmtpd/scan.h"

namespace mailtrail::dialect {
namespace {

using model::Text;

// `d4b1cc8093570c17 smtp connected ..`
bool parse_session_line(Text text, Emitter& out) {
  const Text session = take_until(text, ' ');
  const Text side = take_until(text, ' ');
  consume(text, "event=");
  const Text event = take_until(text, ' ');
  const opensmtpd::Line line{session, event, text, out};
  if (side == "smtp") return opensmtpd::parse_smtp(line);
  if (side == "mta") return opensmtpd::parse_mta(line);
  return side == "mda" && opensmtpd::parse_mda(line);
}

class OpensmtpdDialect final : public Dialect {
 public:
  std::string_view name() const override { return "opensmtpd"; }

  bool claims(std::string_view program) const override { return program == "smtpd" || program == "opensmtpd"; }

  bool parse(const record::Record& record, Emitter& out) const override {
    Text text = record.text;
    if (text.size() > 17 && text[16] == ' ' && opensmtpd::is_id(text.substr(0, 16), 16)) {
      return parse_session_line(text, out);
    }
    for (const Text kind : {Text("relay"), Text("delivery")}) {
      Text rest = text;
      if (consume(rest, kind) && consume(rest, ": ")) return opensmtpd::parse_queue_log(kind, rest, out);
    }
    return opensmtpd::parse_notice(text, out);
  }
};

}  // namespace

const Dialect& opensmtpd_dialect() {
  static const OpensmtpdDialect dialect;
  return dialect;
}

}  // namespace mailtrail::dialect
