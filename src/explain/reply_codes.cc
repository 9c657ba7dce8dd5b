// The SMTP reply codes, in plain words.
#include "explain/code_tables.h"

namespace mailtrail::explain {
namespace {

constexpr std::string_view kReadText = "Read the words of the reply: they say more than the code.";

constexpr ReplyRow kRows[] = {
    {211, Actor::kNobody, true, "status or help", "The server answers a question about itself.", "", "RFC 5321, 4.2.3"},
    {214, Actor::kNobody, true, "help", "The server answers HELP with a text for people.", "", "RFC 5321, 4.2.3"},
    {220, Actor::kNobody, true, "ready", "The server greets the client, or is ready for TLS.", "", "RFC 5321, 4.2.3"},
    {221, Actor::kNobody, true, "closing the connection", "The server ends the session after QUIT.", "",
     "RFC 5321, 4.2.3"},
    {235, Actor::kNobody, true, "login accepted", "The user name and password were accepted.", "", "RFC 4954, 4"},
    {250, Actor::kNobody, true, "accepted",
     "The command was carried out; after the message: the server has taken it over.", "", "RFC 5321, 4.2.3"},
    {251, Actor::kNobody, true, "accepted, will be forwarded",
     "The recipient is elsewhere, and the server passes the mail on.", "", "RFC 5321, 4.2.3"},
    {252, Actor::kNobody, true, "cannot verify, will try",
     "The server does not say whether the address exists, but would take mail for it.", "", "RFC 5321, 4.2.3"},
    {334, Actor::kNobody, true, "go on with the login", "The server waits for the next step of the login.", "",
     "RFC 4954, 4"},
    {354, Actor::kNobody, true, "go on with the message", "The server waits for the text of the message.", "",
     "RFC 5321, 4.2.3"},
    {421, Actor::kUnknown, false, "service not available now",
     "The server closes the connection for now: shutdown, overload, a time limit, or it slows this sender down.",
     kReadText, "RFC 5321, 4.2.3"},
    {432, Actor::kSenderSetup, true, "password must be renewed",
     "The account needs a transition to the login mechanism that was chosen.",
     "Log in once by a plain mechanism inside TLS, or set the password anew.", "RFC 4954, 6"},
    {450, Actor::kUnknown, false, "mailbox not available now",
     "The mailbox is busy, or the server defers by policy: greylisting answers with this code.", kReadText,
     "RFC 5321, 4.2.3"},
    {451, Actor::kUnknown, false, "local error, try later",
     "The server could not do it now, for a reason of its own; greylisting and rate limits use it too.", kReadText,
     "RFC 5321, 4.2.3"},
    {452, Actor::kUnknown, false, "no space, or too many recipients",
     "The server has no room now, or takes no more recipients in this session.", kReadText, "RFC 5321, 4.2.3"},
    {454, Actor::kUnknown, false, "TLS or login not possible now",
     "The server could not start TLS, or could not check the login, for the moment.", "Wait and try again.",
     "RFC 3207, 4; RFC 4954, 6"},
    {455, Actor::kSenderSetup, true, "parameters not accepted now", "The server cannot take the given parameters now.",
     "Look at the parameters of MAIL FROM or RCPT TO.", "RFC 5321, 4.2.3"},
    {500, Actor::kSenderSetup, true, "command not recognised",
     "The server does not know the command, or it is too long.",
     "Look at the session: a proxy or firewall may have changed it.", "RFC 5321, 4.2.3"},
    {501, Actor::kSenderSetup, true, "syntax error in an argument", "The command is known, its argument is malformed.",
     "Look at the argument, often an address or the HELO name.", "RFC 5321, 4.2.3"},
    {502, Actor::kSenderSetup, true, "command not implemented", "The server knows the command, but does not offer it.",
     "", "RFC 5321, 4.2.3"},
    {503, Actor::kSenderSetup, true, "commands in the wrong order",
     "A step that must come before (HELO, login, a valid recipient) is missing.",
     "Look at the replies before this one: an earlier refusal is often the cause.", "RFC 5321, 4.2.3"},
    {504, Actor::kSenderSetup, true, "parameter not implemented",
     "The server does not support this parameter; Postfix says so of a HELO name that is no full host name.",
     "Look at the parameter; give the client a full host name.", "RFC 5321, 4.2.3"},
    {521, Actor::kRecipient, true, "host takes no mail", "This host never accepts mail.",
     "Correct the domain, or take the address off the list.", "RFC 7504, 3"},
    {530, Actor::kSenderSetup, true, "login or TLS needed first",
     "The server wants a login, or TLS, before it takes the command.", "Switch login or STARTTLS on in the sender.",
     "RFC 3207, 4; RFC 4954, 6"},
    {534, Actor::kSenderSetup, true, "login mechanism is too weak", "The server wants a stronger login mechanism.",
     "Choose another mechanism in the client.", "RFC 4954, 6"},
    {535, Actor::kSenderSetup, true, "login failed", "The user name or password was not accepted.",
     "Check the credentials; many such failures from one address are password guessing.", "RFC 4954, 6"},
    {538, Actor::kSenderSetup, true, "encryption needed for this login", "The server takes this login only inside TLS.",
     "Switch STARTTLS on in the client.", "RFC 4954, 6"},
    {550, Actor::kUnknown, false, "refused: no such mailbox, or by policy",
     "The server will not deliver: the mailbox does not exist, or a policy forbids it.", kReadText, "RFC 5321, 4.2.3"},
    {551, Actor::kRecipient, true, "recipient is elsewhere",
     "The server does not serve the recipient and does not forward.",
     "Use the address that the reply names, if it names one.", "RFC 5321, 4.2.3"},
    {552, Actor::kUnknown, false, "no room: mailbox full or message too large",
     "The message does not fit: into the mailbox, or into what the server accepts.", kReadText, "RFC 5321, 4.2.3"},
    {553, Actor::kUnknown, false, "address not allowed", "An address is malformed, or is not accepted by policy.",
     kReadText, "RFC 5321, 4.2.3"},
    {554, Actor::kUnknown, false, "transaction failed", "The server refuses, and the code does not say why.", kReadText,
     "RFC 5321, 4.2.3"},
    {555, Actor::kSenderSetup, true, "parameters not recognised",
     "The server does not know a parameter of MAIL FROM or RCPT TO.", "Look at the parameter that the reply names.",
     "RFC 5321, 4.2.3"},
    {556, Actor::kRecipient, true, "recipient's domain takes no mail", "The recipient's domain never accepts mail.",
     "Correct the domain, or take the address off the list.", "RFC 7504, 4"},
};

constexpr bool is_sorted() {
  for (std::size_t i = 1; i < std::size(kRows); ++i) {
    if (kRows[i - 1].code >= kRows[i].code) return false;
  }
  return true;
}
static_assert(is_sorted());

}  // namespace

std::span<const ReplyRow> reply_rows() {
  return kRows;
}

}  // namespace mailtrail::explain
