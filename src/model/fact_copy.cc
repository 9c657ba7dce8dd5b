#include "model/fact_copy.h"

#include <initializer_list>

namespace mailtrail::model {
namespace {

void keep(Arena& arena, std::initializer_list<Text*> texts) {
  for (Text* text : texts) *text = arena.store(*text);
}

Texts copy_texts(Texts texts, Arena& arena) {
  std::vector<Text> copies;
  for (const Text text : texts) copies.push_back(arena.store(text));
  return arena.store(copies);
}

// Copies each element of `items`, keeps its texts by `keep_texts`, and gives the copies.
template <class T, class F>
std::span<const T> copy_items(std::span<const T> items, Arena& arena, F&& keep_texts) {
  std::vector<T> copies(items.begin(), items.end());
  for (T& copy : copies) keep_texts(copy);
  return arena.store(copies);
}

void keep_texts(fact::Message& fact, Arena& arena) {
  keep(arena, {&fact.host,         &fact.instance,    &fact.queue_id,  &fact.sender,      &fact.message_id,
               &fact.subject,      &fact.client_name, &fact.client_ip, &fact.helo,        &fact.protocol,
               &fact.sasl_method,  &fact.sasl_user,   &fact.user,      &fact.tls_version, &fact.tls_cipher,
               &fact.spf,          &fact.dkim,        &fact.dmarc,     &fact.spam_action, &fact.parent_queue_id,
               &fact.link_evidence});
  fact.lines = copy_items(fact.lines, arena, [](LineRef&) {});
  fact.steps = copy_items(fact.steps, arena, [&](fact::Step& step) {
    keep(arena, {&step.text, &step.child_queue_id});
  });
}

void keep_texts(event::Delivery& event, Arena& arena) {
  keep(arena, {&event.recipient, &event.orig_recipient, &event.dsn, &event.reply, &event.relay_host, &event.relay_ip,
               &event.relay_path, &event.mailer, &event.router, &event.remote_queue_id, &event.child_queue_id,
               &event.tls_version, &event.tls_cipher, &event.sender});
}

void keep_texts(fact::Delivery& fact, Arena& arena) {
  keep(arena,
       {&fact.host, &fact.program, &fact.instance, &fact.queue_id, &fact.sender, &fact.message_id, &fact.client_name,
        &fact.client_ip, &fact.sasl_user, &fact.subject, &fact.reason, &fact.action, &fact.actor, &fact.provider});
  keep_texts(fact.event, arena);
}

void keep_texts(fact::Recipient& fact, Arena& arena) {
  keep(arena, {&fact.recipient, &fact.dsn, &fact.reply, &fact.reason, &fact.actor, &fact.action, &fact.provider,
               &fact.relay_host, &fact.mailer});
  fact.orig_recipients = copy_texts(fact.orig_recipients, arena);
}

void keep_texts(fact::AuthResult& fact, Arena& arena) {
  event::Auth& auth = fact.auth;
  keep(arena, {&fact.queue_id, &fact.host, &auth.method, &auth.result, &auth.domain, &auth.selector, &auth.algorithm,
               &auth.identity, &auth.policy, &auth.disposition, &auth.client_ip, &auth.client_name, &auth.sender,
               &auth.reason, &auth.helo});
}

void keep_texts(fact::Verdict& fact, Arena& arena) {
  event::Verdict& verdict = fact.verdict;
  keep(arena, {&fact.queue_id, &fact.host, &verdict.filter, &verdict.action, &verdict.category, &verdict.virus_name,
               &verdict.sender, &verdict.message_id, &verdict.client_ip, &verdict.reason});
  verdict.symbols = copy_texts(verdict.symbols, arena);
  verdict.recipients = copy_texts(verdict.recipients, arena);
  verdict.child_queue_ids = copy_texts(verdict.child_queue_ids, arena);
}

}  // namespace

fact::Journey copy_of(const fact::Journey& journey, Arena& arena) {
  fact::Journey copy = journey;
  keep(arena, {&copy.message_id, &copy.sender, &copy.subject, &copy.parent_queue_id});
  const auto keep_all = [&](auto& fact) { keep_texts(fact, arena); };
  copy.messages = copy_items(copy.messages, arena, keep_all);
  copy.deliveries = copy_items(copy.deliveries, arena, keep_all);
  copy.recipients = copy_items(copy.recipients, arena, keep_all);
  copy.auth_results = copy_items(copy.auth_results, arena, keep_all);
  copy.verdicts = copy_items(copy.verdicts, arena, keep_all);
  copy.queue_ids = copy_texts(copy.queue_ids, arena);
  copy.hosts = copy_texts(copy.hosts, arena);
  return copy;
}

fact::Rejection copy_of(const fact::Rejection& rejection, Arena& arena) {
  fact::Rejection copy = rejection;
  event::Reject& event = copy.event;
  keep(arena, {&copy.host, &copy.program, &copy.instance, &copy.queue_id, &event.dsn, &event.reply, &event.reason,
               &event.client_name, &event.client_ip, &event.helo, &event.protocol, &event.sender, &event.recipient,
               &event.blocklist, &event.sasl_method, &event.sasl_user, &event.header_name, &event.header_value});
  return copy;
}

}  // namespace mailtrail::model
