// The `NAME=value` fields behind the address of a line of arrival or of delivery.
#pragma once

#include <array>
#include <cstdint>
#include <optional>

#include "dialect/dialect.h"
#include "dialect/exim/scan.h"
#include "dialect/extra_list.h"

namespace mailtrail::dialect::exim {

// Which lines the fields are of. Some names mean one thing in one and another in the other.
enum class LineKind : std::uint8_t {
  kArrival,   // `<=` and `(=`
  kDelivery,  // `=>` `->` `>>` `*>`
  kFailure,   // `**` and `==`: a text follows behind `: `
};

// What the fields state. Texts are as logged, without the quotes and brackets around them.
struct Fields {
  Host host;
  bool has_host = false, host_doubtful = false, continued = false;
  Text sender;       // F=
  Text protocol;     // P= of an arrival
  Text return_path;  // P= of a delivery
  Text reference;    // R= of an arrival
  Text router, transport;
  Text subject;  // in its quotes
  Text message_id;
  bool message_id_created = false;  // `id*=`
  Text size, tls, verified, peer_dn, sni, auth, confirmation, dkim, queue_time, deliver_time, receive_time;
  bool has_confirmation = false;
  Text raw_sender, recipients;  // behind `from` and `for`
  Text defer_code;
  Text message;  // behind `: `
  bool has_message = false;
  ExtraList others;
  // What is not known, in the order of the line.
  static constexpr std::size_t kMostRest = 8;
  std::array<Text, kMostRest> rest;
  std::size_t rest_count = 0;
};

// Reads the fields of `text`, which begins with a blank or a colon, or is empty. False where something stands there
// that is no field; `lenient`: never, such words are kept in `rest`. Where it is false, `fields` is of no
// use.
bool read_fields(Text text, LineKind kind, bool lenient, Fields& fields);

// The kinds of TLS: `TLS1.3:CIPHER:256` with a `*` at the end where the session was resumed.
struct TlsName {
  Text version;  // as in `TLSv1.3`
  Text cipher;
  std::optional<std::int32_t> bits;
  bool resumed = false;
};
TlsName read_tls(Text text);

// `authenticator:user:sender` of A=.
struct AuthName {
  Text method, user, sender;
};
AuthName read_auth(Text text);

// Adds what the vocabulary has no field for. What is not known becomes one `rest`, put together in `arena` where it
// stands in several places.
void add_extras(const Fields& fields, Arena& arena, ExtraList& extra);

}  // namespace mailtrail::dialect::exim
