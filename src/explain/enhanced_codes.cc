// The enhanced status codes of the IANA registry, in plain words.
#include "explain/code_tables.h"

namespace mailtrail::explain {
namespace {

constexpr Actor kUnknown = Actor::kUnknown;
constexpr Actor kNobody = Actor::kNobody;
constexpr Actor kRecipient = Actor::kRecipient;
constexpr Actor kSetup = Actor::kSenderSetup;
constexpr Actor kReputation = Actor::kSenderReputation;
constexpr Actor kMessage = Actor::kMessage;
constexpr Actor kReceiver = Actor::kReceiver;
constexpr Actor kNetwork = Actor::kNetwork;

constexpr std::string_view kReadText = "Read the words of the reply: they say more than the code.";
constexpr std::string_view kGeneral = "The code names no cause; nothing can be concluded from it alone.";

constexpr EnhancedRow kRows[] = {
    // --- 0: undefined ---
    {0, 0, kUnknown, false, "no cause stated", "The server gives no more specific status.", kReadText, kGeneral,
     "RFC 3463, 3.1"},

    // --- 1: addresses ---
    {1, 0, kUnknown, false, "address problem, not specified", "Something is wrong with an address of the message.",
     kReadText, "The code does not say whether the sender's or the recipient's address is meant.", "RFC 3463, 3.2"},
    {1, 1, kRecipient, true, "mailbox does not exist",
     "The recipient's domain takes mail, but has no mailbox of this name.",
     "Correct the address, or take it off the list.",
     "Some servers also answer so to a sender whom they do not want: compare with other mail to the same address.",
     "RFC 3463, 3.2"},
    {1, 2, kRecipient, true, "recipient's domain is unknown or takes no mail",
     "The part after the @ of the recipient's address does not exist or cannot be delivered to.",
     "Look for a typing error in the domain; check its MX and address records.",
     "A DNS fault on the sending side looks the same.", "RFC 3463, 3.2"},
    {1, 3, kRecipient, true, "recipient's address is malformed",
     "The recipient's address breaks the rules for addresses.", "Correct the address.", "", "RFC 3463, 3.2"},
    {1, 4, kRecipient, true, "recipient's address is ambiguous",
     "The address fits more than one recipient there, and the server cannot choose.",
     "Use the recipient's full address.", "", "RFC 3463, 3.2"},
    {1, 5, kNobody, true, "recipient's address is valid", "The server confirms that the address is good.", "", "",
     "RFC 3463, 3.2"},
    {1, 6, kRecipient, true, "mailbox has moved", "The mailbox has gone elsewhere and mail is not forwarded.",
     "Ask the recipient for the new address; take the old one off the list.", "", "RFC 3463, 3.2"},
    {1, 7, kSetup, true, "sender's address is malformed", "The envelope sender breaks the rules for addresses.",
     "Correct the envelope sender in the program that sends.", "", "RFC 3463, 3.2"},
    {1, 8, kSetup, true, "sender's domain is not accepted",
     "The envelope sender's domain does not exist or could not receive a bounce.",
     "Check that the sender's domain has MX or address records that resolve from outside.", "", "RFC 3463, 3.2"},
    {1, 9, kNobody, true, "passed on to a server that does not report",
     "The message went on to a system that sends no further reports.", "", "It does not say that the mail arrived.",
     "RFC 3886"},
    {1, 10, kRecipient, true, "recipient's domain takes no mail",
     "The recipient's domain publishes a null MX: it declares that it receives no mail at all.",
     "Correct the domain, or take the address off the list.", "", "RFC 7505, 4"},

    // --- 2: mailboxes ---
    {2, 0, kUnknown, false, "mailbox problem, not specified",
     "The mailbox exists, but something about it is in the way.", kReadText, kGeneral, "RFC 3463, 3.3"},
    {2, 1, kRecipient, true, "mailbox is disabled", "The mailbox exists but is switched off and takes no mail.",
     "Ask the recipient in another way; after repeated refusals take the address off the list.",
     "Gmail gives the same code to a mailbox that is only receiving too fast: read the text before an address is "
     "removed.",
     "RFC 3463, 3.3"},
    {2, 2, kRecipient, true, "mailbox is full", "The mailbox has no room for the message.",
     "Wait, or ask the recipient in another way to make room.",
     "A full mailbox may be an abandoned one, but need not be.", "RFC 3463, 3.3"},
    {2, 3, kMessage, true, "message is too large for the mailbox",
     "The message is larger than this mailbox may receive.",
     "Send a smaller message, or a link instead of the attachment.", "", "RFC 3463, 3.3"},
    {2, 4, kReceiver, true, "mailing list could not be expanded",
     "The address is a list, and its members could not be found.", "Tell the administrator of the list.", "",
     "RFC 3463, 3.3"},

    // --- 3: the receiving mail system ---
    {3, 0, kUnknown, false, "mail system problem, not specified",
     "The receiving system has a difficulty of its own that it does not name.", kReadText, kGeneral, "RFC 3463, 3.4"},
    {3, 1, kReceiver, true, "receiving system has no space",
     "The disk of the receiving system, not one mailbox, is full.", "Wait; its administrator must make room.", "",
     "RFC 3463, 3.4"},
    {3, 2, kReceiver, true, "receiving system takes no mail now",
     "The receiving system is not accepting mail: maintenance, overload or shutdown.", "Wait and try again later.",
     "Some systems use it to slow a single sender down.", "RFC 3463, 3.4"},
    {3, 3, kReceiver, true, "receiving system lacks a feature",
     "The message needs a feature that the system does not have.", "See which feature the text names; send without it.",
     "", "RFC 3463, 3.4"},
    {3, 4, kMessage, true, "message is too large for the system",
     "The message is larger than the system accepts for anyone.",
     "Send a smaller message, or a link instead of the attachment.", "", "RFC 3463, 3.4"},
    {3, 5, kReceiver, true, "receiving system is misconfigured",
     "The system says that it is not set up properly to take this message.", "Tell the administrator of that system.",
     "The system may be one of your own: see which host said it.", "RFC 3463, 3.4"},
    {3, 6, kNobody, true, "priority of the message was changed", "The message was accepted with another priority.", "",
     "", "RFC 6710"},

    // --- 4: network and routing ---
    {4, 0, kUnknown, false, "network problem, not specified", "Something on the way to the recipient failed.",
     kReadText, kGeneral, "RFC 3463, 3.5"},
    {4, 1, kNetwork, true, "no answer from the host", "No connection could be made to the recipient's server.",
     "Check that the server can be reached from here on its port; wait if it is down.",
     "Microsoft 365 gives 5.4.1 to a recipient it does not know: then the mailbox is meant, not the network.",
     "RFC 3463, 3.5"},
    {4, 2, kNetwork, true, "connection was lost", "The connection was made, but broke before the message was taken.",
     "Wait; if it always happens with large messages, look at firewalls and the MTU on the way.", "", "RFC 3463, 3.5"},
    {4, 3, kNetwork, true, "directory or DNS service failed",
     "A directory that is needed to route the message did not answer.",
     "Check the DNS resolver (and LDAP or SQL lookups) of the server that said it.", "", "RFC 3463, 3.5"},
    {4, 4, kNetwork, true, "no route to the recipient's domain",
     "The sending server found no host to which it could deliver.",
     "Check the MX and address records of the recipient's domain, and the resolver of the sending server.",
     "It may be a wrong domain as well as a fault of DNS.", "RFC 3463, 3.5"},
    {4, 5, kReceiver, true, "mail system is congested", "The system has too much to do at present.",
     "Wait and try again later.", "", "RFC 3463, 3.5"},
    {4, 6, kReceiver, true, "mail loop", "The message went round in a circle and was stopped.",
     "Look at the Received headers: two systems forward the address to each other, or an MX points to the wrong host.",
     "", "RFC 3463, 3.5"},
    {4, 7, kUnknown, true, "delivery took too long", "The message was too old before it could be delivered.",
     "Look at the last temporary refusal before this: it is the real cause.",
     "The code does not say why the earlier attempts failed.", "RFC 3463, 3.5"},

    // --- 5: protocol ---
    {5, 0, kUnknown, false, "protocol problem, not specified", "The two servers did not understand each other.",
     kReadText, "Outlook.com gives 5.5.0 to a mailbox that it does not have.", "RFC 3463, 3.6"},
    {5, 1, kSetup, true, "command not accepted", "A command was unknown to the server or came at the wrong moment.",
     "Look at the session: a proxy or firewall may have changed it, or a step (login, HELO) is missing.", "",
     "RFC 3463, 3.6"},
    {5, 2, kSetup, true, "command not understood", "A command was malformed.",
     "Look at the command that the reply names, often an address with odd characters.", "", "RFC 3463, 3.6"},
    {5, 3, kMessage, true, "too many recipients", "The message has more recipients than the server takes at once.",
     "Send to fewer recipients at a time; a mail server does so by itself.", "", "RFC 3463, 3.6"},
    {5, 4, kSetup, true, "command argument not accepted", "A command was understood, but not the value given with it.",
     "Look at the parameter that the reply names.", "", "RFC 3463, 3.6"},
    {5, 5, kSetup, true, "wrong protocol version", "The two servers speak versions of the protocol that do not fit.",
     "See which of the two is out of date.", "", "RFC 3463, 3.6"},
    {5, 6, kSetup, true, "authentication line is too long", "The login exchange was longer than the server takes.",
     "Use another login mechanism, or shorter credentials.", "", "RFC 4954, 6"},

    // --- 6: content and media ---
    {6, 0, kUnknown, false, "content problem, not specified", "Something in the message itself was not accepted.",
     kReadText, kGeneral, "RFC 3463, 3.7"},
    {6, 1, kMessage, true, "type of content not supported",
     "The server or the recipient cannot take this type of content.", "Send the content in another form.", "",
     "RFC 3463, 3.7"},
    {6, 2, kMessage, true, "conversion needed but forbidden",
     "The content would have to be converted, and that is not allowed.",
     "Send the content in a form that needs no conversion.", "", "RFC 3463, 3.7"},
    {6, 3, kMessage, true, "conversion needed but not possible",
     "The content would have to be converted, and the server cannot.",
     "Send the content in a form that needs no conversion.", "", "RFC 3463, 3.7"},
    {6, 4, kMessage, true, "conversion lost something", "The content was converted and something of it was lost.",
     "See what was lost; send the content in another form if it matters.", "", "RFC 3463, 3.7"},
    {6, 5, kMessage, true, "conversion failed", "The content had to be converted and that did not work.",
     "Send the content in a form that needs no conversion.", "", "RFC 3463, 3.7"},
    {6, 6, kSetup, true, "content could not be fetched",
     "The server could not fetch the content that the message refers to.",
     "Check the access that was given to the referenced content (BURL).", "", "RFC 4468"},
    {6, 7, kSetup, true, "non-ASCII address not permitted",
     "The address has letters beyond ASCII, and the server does not take such addresses here.",
     "Use an ASCII address of the sender or recipient, if there is one.", "", "RFC 6531"},
    {6, 8, kSetup, true, "reply in UTF-8 needed but not permitted",
     "The reply needs letters beyond ASCII, and the client did not ask for them.",
     "Use a client that supports SMTPUTF8.", "", "RFC 6531"},
    {6, 9, kSetup, true, "UTF-8 headers cannot be passed on",
     "The headers have letters beyond ASCII, and the next server does not take such messages.",
     "Use ASCII addresses and encoded headers for this recipient.", "", "RFC 6531"},
    {6, 10, kSetup, true, "reply in UTF-8 needed but not permitted",
     "The reply needs letters beyond ASCII, and the client did not ask for them.",
     "Use a client that supports SMTPUTF8.", "This code is a withdrawn double of x.6.8.", "RFC 6531"},

    // --- 7: security and policy ---
    {7, 0, kUnknown, false, "security or policy, not specified", "The message was stopped for security or by policy.",
     kReadText, "The code is used for reputation, content, login, TLS and DNS alike.", "RFC 3463, 3.8"},
    {7, 1, kUnknown, false, "not permitted", "The sender may not send this message to this recipient by this server.",
     kReadText,
     "The code is given for a dozen reasons (relaying, blocklists, spam, reputation, a rule of the recipient): the "
     "text "
     "decides.",
     "RFC 3463, 3.8"},
    {7, 2, kRecipient, true, "not allowed to post to this list",
     "The address is a list, and the sender may not write to it.", "Ask the owner of the list.", "", "RFC 3463, 3.8"},
    {7, 3, kSetup, true, "secure conversion needed but not possible",
     "The message would have to pass from one security protocol to another, and that cannot be done.",
     "See which protection the two sides ask for.", "", "RFC 3463, 3.8"},
    {7, 4, kSetup, true, "security feature not supported",
     "The message asks for a security feature that the server lacks.", "See which feature the text names.", "",
     "RFC 3463, 3.8"},
    {7, 5, kNetwork, true, "cryptographic failure", "A key or a piece of cryptography did not work.",
     "Check the certificates and the TLS settings of both sides.", "", "RFC 3463, 3.8"},
    {7, 6, kSetup, true, "algorithm not supported", "The two sides share no cryptographic algorithm.",
     "Allow a common, current algorithm on both sides.", "", "RFC 3463, 3.8"},
    {7, 7, kMessage, true, "message was changed on the way", "A check of the message's integrity failed.",
     "Look for a filter or gateway that alters messages.", "", "RFC 3463, 3.8"},
    {7, 8, kSetup, true, "login failed", "The user name or password was not accepted.",
     "Check the credentials; many such failures from one address are password guessing.", "", "RFC 4954, 6"},
    {7, 9, kSetup, true, "login mechanism is too weak", "The server wants a stronger login mechanism from this user.",
     "Choose another mechanism in the client.",
     "Yahoo gives 5.7.9 to mail that it refuses by policy, without any login.", "RFC 4954, 6"},
    {7, 10, kSetup, true, "encryption needed", "The server wants TLS before it goes on.",
     "Switch STARTTLS on in the sender.", "", "RFC 5248"},
    {7, 11, kSetup, true, "encryption needed for this login", "The server takes this login only inside TLS.",
     "Switch STARTTLS on in the client.", "", "RFC 4954, 6"},
    {7, 12, kSetup, true, "password must be renewed",
     "The account needs a transition to the login mechanism that was chosen.",
     "Log in once by a plain mechanism inside TLS, or set the password anew.", "", "RFC 4954, 6"},
    {7, 13, kRecipient, true, "account is disabled", "The account exists but has been switched off.",
     "See whether the account of the sender or the mailbox of the recipient is meant.", "", "RFC 5248"},
    {7, 14, kSetup, true, "trust relationship needed",
     "The server serves only partners that were agreed on beforehand.", "Ask its administrator to be admitted.", "",
     "RFC 5248"},
    {7, 15, kMessage, true, "priority is too low", "The server takes only messages of a higher priority at present.",
     "Wait, or send with a higher priority if the matter allows.", "", "RFC 6710"},
    {7, 16, kMessage, true, "message is too large for its priority",
     "Messages of this size are taken only with another priority.", "Send a smaller message.", "", "RFC 6710"},
    {7, 17, kRecipient, true, "mailbox has a new owner",
     "The mailbox belongs to somebody else since the date that the sender named.",
     "Do not send; ask the recipient for the present address.", "", "RFC 7293"},
    {7, 18, kRecipient, true, "domain has a new owner",
     "The recipient's domain belongs to somebody else since the date that the sender named.",
     "Do not send; ask the recipient for the present address.", "", "RFC 7293"},
    {7, 19, kReceiver, true, "owner of the mailbox cannot be checked",
     "The sender asked for proof that the mailbox has kept its owner, and the server cannot give it.",
     "Send without the Require-Recipient-Valid-Since header if that is acceptable.", "", "RFC 7293"},
    {7, 20, kSetup, true, "no DKIM signature that passes", "The message has no DKIM signature that could be verified.",
     "Sign with DKIM; check that the key of the selector is published and that nothing alters the message after it is "
     "signed.",
     "", "RFC 7372, 3.1"},
    {7, 21, kSetup, true, "no DKIM signature that is acceptable",
     "A DKIM signature passes, but not in a way that the receiver accepts (key, domain or coverage).",
     "Check the key length, the signing domain and the signed headers.", "", "RFC 7372, 3.1"},
    {7, 22, kSetup, true, "no DKIM signature of the author's domain",
     "A DKIM signature passes, but none is by the domain of the From header.",
     "Sign with the domain of the From header.", "", "RFC 7372, 3.1"},
    {7, 23, kSetup, true, "SPF failed", "The sending address is not among those that the domain's SPF record permits.",
     "Add the sending server to the SPF record of the envelope sender's domain; with forwarding, use SRS or rely on "
     "DKIM.",
     "Gmail gives x.7.23 for missing or wrong reverse DNS instead.", "RFC 7372, 3.2"},
    {7, 24, kSetup, true, "SPF record could not be evaluated", "The SPF record is faulty, or its DNS lookups failed.",
     "Check the SPF record: syntax, one record only, at most ten lookups.", "", "RFC 7372, 3.2"},
    {7, 25, kSetup, true, "reverse DNS failed",
     "The name of the sending address is missing, or does not lead back to the address.",
     "Set a PTR record whose name resolves back to the same address.", "", "RFC 7372, 3.3"},
    {7, 26, kSetup, true, "several authentication checks failed",
     "More than one of SPF, DKIM, DMARC and the like did not pass.",
     "The text mostly names the checks and the domain: mend SPF, DKIM and their alignment with the From domain.", "",
     "RFC 7372, 3.4"},
    {7, 27, kSetup, true, "sender's domain takes no mail",
     "The envelope sender's domain publishes a null MX, so it cannot receive a bounce.",
     "Send with a sender domain that receives mail, or take its null MX away.",
     "Gmail gives x.7.27 when SPF did not pass instead.", "RFC 7505, 4"},
    {7, 28, kReputation, true, "too much mail at once", "The receiver sees a flood of messages that belong together.",
     "Send slower; see whether an account or a form is being abused.",
     "The text tells which address, network or domain is throttled.", "IANA registry, X.7.28"},
    {7, 29, kSetup, true, "ARC chain failed", "The chain of ARC seals on a forwarded message did not verify.",
     "Look at the forwarder or list that sealed the message last.",
     "Gmail gives x.7.29 when the connection was not encrypted instead.", "RFC 8617"},
    {7, 30, kSetup, true, "REQUIRETLS not supported on the way",
     "The sender asked for TLS on every hop, and the next server cannot promise that.",
     "Send without REQUIRETLS if that is acceptable.", "Gmail gives x.7.30 when DKIM did not pass instead.",
     "RFC 8689"},
};

constexpr bool is_sorted() {
  for (std::size_t i = 1; i < std::size(kRows); ++i) {
    const EnhancedRow& before = kRows[i - 1];
    const EnhancedRow& row = kRows[i];
    if (before.subject > row.subject || (before.subject == row.subject && before.detail >= row.detail)) return false;
  }
  return true;
}
static_assert(is_sorted());

}  // namespace

std::span<const EnhancedRow> enhanced_rows() {
  return kRows;
}

std::string_view subject_title(int subject) {
  constexpr std::string_view kTitles[] = {"undefined",           "address",  "mailbox", "mail system",
                                          "network and routing", "protocol", "content", "security and policy"};
  return subject >= 0 && subject < static_cast<int>(std::size(kTitles)) ? kTitles[subject] : std::string_view();
}

}  // namespace mailtrail::explain
