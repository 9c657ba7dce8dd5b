// From the providers' own documentation of their replies (Google Workspace Admin Help, "SMTP errors and codes";
// Microsoft 365, "NDR codes") and from what their servers are seen to answer.
#include "explain/provider_codes.h"

#include "base/text.h"

namespace mailtrail::explain {
namespace {

constexpr std::string_view kGoogle[] = {".google.com", ".googlemail.com"};
constexpr std::string_view kMicrosoft[] = {".protection.outlook.com", ".mail.eo.outlook.com"};
constexpr std::string_view kYahoo[] = {".yahoodns.net", ".yahoo.com"};

constexpr ProviderCode kCodes[] = {
    {7, 23, "Gmail", kGoogle, "reverse DNS is missing or wrong at Gmail",
     "Gmail wants a name for the sending address that leads back to the address.",
     "Set a PTR record whose name resolves back to the same address.", Actor::kSenderSetup, 0.7},
    {7, 27, "Gmail", kGoogle, "SPF did not pass at Gmail", "Gmail could not pass SPF for the envelope sender's domain.",
     "Add the sending server to the SPF record of the envelope sender's domain.", Actor::kSenderSetup, 0.7},
    {7, 29, "Gmail", kGoogle, "connection to Gmail was not encrypted", "Gmail wants TLS for this mail.",
     "Switch STARTTLS on for outgoing mail.", Actor::kSenderSetup, 0.7},
    {7, 30, "Gmail", kGoogle, "DKIM did not pass at Gmail", "Gmail found no DKIM signature that passes.",
     "Sign with DKIM; check that the key of the selector is published.", Actor::kSenderSetup, 0.7},
    {2, 1, "Gmail", kGoogle, "mailbox is disabled, or receives too fast, at Gmail",
     "The Gmail mailbox is disabled, or it is receiving mail too fast: the text says which.",
     "Read the text before the address is removed: a mailbox that receives too fast is good.", Actor::kRecipient, 0.4},
    {4, 1, "Microsoft", kMicrosoft, "recipient not known or not admitted at Microsoft",
     "Microsoft refuses the recipient: mostly the mailbox does not exist there, sometimes a rule of the tenant forbids "
     "it.",
     "Check the address; remove it only after more than one such refusal.", Actor::kRecipient, 0.5},
    {5, 0, "Microsoft", kMicrosoft, "mailbox not available at Microsoft",
     "Microsoft refuses the recipient: where the text says that the mailbox is unavailable, it does not exist there.",
     "Check the address.", Actor::kRecipient, 0.5},
    {7, 9, "Yahoo", kYahoo, "refused by policy at Yahoo",
     "Yahoo refuses the message by policy or because it is not authenticated; no login is meant.",
     "Check that SPF, DKIM and DMARC pass for the From domain, and read the text.", Actor::kSenderSetup, 0.4},
};

bool ends_with_ignoring_case(std::string_view text, std::string_view suffix) {
  return text.size() >= suffix.size() && equals_ignoring_case(text.substr(text.size() - suffix.size()), suffix);
}

}  // namespace

const ProviderCode* find_provider_code(const EnhancedCode& code, std::string_view host) {
  if (host.ends_with('.')) host.remove_suffix(1);
  for (const ProviderCode& row : kCodes) {
    if (row.subject != code.subject || row.detail != code.detail) continue;
    for (const std::string_view suffix : row.host_suffixes) {
      if (ends_with_ignoring_case(host, suffix)) return &row;
    }
  }
  return nullptr;
}

bool is_used_otherwise(const EnhancedCode& code) {
  for (const ProviderCode& row : kCodes) {
    if (row.subject == code.subject && row.detail == code.detail) return true;
  }
  return false;
}

}  // namespace mailtrail::explain
