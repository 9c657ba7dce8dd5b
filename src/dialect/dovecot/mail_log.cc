#include "base/text.h"
#include "dialect/dovecot/parts.h"
#include "dialect/opening_phrase.h"

namespace mailtrail::dialect::dovecot {
namespace {

using model::Severity;
using model::Topic;

constexpr std::size_t kNone = std::string_view::npos;

struct Act {
  Text word;
  Text action;  // of the event `mailbox`; empty: the line is a notice
};
constexpr Act kActs[] = {{"expunge", "expunged"}, {"autoexpunge", "expunged"}, {"save", "stored"}, {"delete", ""},
                         {"undelete", ""},        {"flag_change", ""}};

constexpr OpeningPhrase kFolders[] = {
    {"Mailbox created: ", Severity::kInfo, Topic::kStorage},
    {"Mailbox deleted: ", Severity::kInfo, Topic::kStorage},
    {"Mailbox renamed: ", Severity::kInfo, Topic::kStorage},
    {"Mailbox subscribed: ", Severity::kInfo, Topic::kStorage},
    {"Mailbox unsubscribed: ", Severity::kInfo, Topic::kStorage},
};

// Whether `text` is what follows a size: the end, or another field of mail_log's.
bool is_after_size(Text text) {
  return text.empty() || text.starts_with(", vsize=") || text.starts_with(", from=") ||
         text.starts_with(", subject=") || text.starts_with(", flags=(");
}

struct Mail {
  Text message_id, size;
};

// `ID, size=300, vsize=310, from=.., subject=.., flags=(..)`. Id, from and subject are the sender's texts: where more
// than one place could end the id, it and what follows are left out.
Mail read_mail(Text text) {
  constexpr Text kSize = ", size=";
  Mail mail;
  int found = 0;
  for (std::size_t at = text.find(kSize); at != kNone && found < 2; at = text.find(kSize, at + 1)) {
    std::size_t end = at + kSize.size();
    while (end < text.size() && is_digit(text[end])) ++end;
    if (end == at + kSize.size() || !is_after_size(text.substr(end))) continue;
    ++found;
    mail.message_id = text.substr(0, at);
    mail.size = text.substr(at + kSize.size(), end - at - kSize.size());
  }
  if (found == 1) return mail;
  mail = {};
  // Without a size the id is told apart only where nothing follows it.
  if (found == 0 && text.find(", ") == kNone) mail.message_id = text;
  return mail;
}

}  // namespace

bool parse_mail_log(const Line& line, Emitter& out) {
  Text text = line.message;
  if (const OpeningPhrase* phrase = find_opening(text, kFolders)) {
    ExtraList extra;
    return emit_notice_of(line, phrase->topic, extra, out);
  }
  const std::size_t box = text.find(": box=");
  if (box == kNone) return false;
  const Text word = text.substr(0, box);
  Act act{word, "stored"};
  Text source = word;
  if (!consume(source, "copy from ")) {
    source = {};
    const Act* known = nullptr;
    for (const Act& one : kActs) {
      if (one.word == word) known = &one;
    }
    if (known == nullptr) return false;
    act = *known;
  }
  text.remove_prefix(box + 6);
  const std::size_t uid = text.find(", uid=");
  if (uid == kNone) return false;
  const Text folder = text.substr(0, uid);
  text.remove_prefix(uid + 6);
  ExtraList extra;
  extra.add("uid", text.substr(0, text.find(", ")));
  const std::size_t id = text.find(", msgid=");
  const Mail mail = id == kNone ? Mail() : read_mail(text.substr(id + 8));
  extra.add("size", mail.size);
  extra.add("copied_from", source);
  if (act.action.empty()) {
    extra.add("action", act.word);
    extra.add("folder", folder);
    extra.add("message_id", mail.message_id);
    return emit_notice_of(line, Topic::kStorage, extra, out);
  }
  auto& mailbox = out.emit<model::event::Mailbox>();
  mailbox.user = line.user;
  mailbox.folder = folder;
  mailbox.action = act.action;
  mailbox.session_id = line.session;
  mailbox.message_id = mail.message_id;
  extra.attach(out);
  return true;
}

}  // namespace mailtrail::dialect::dovecot
