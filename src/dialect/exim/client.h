// The client of a line, and the fields that follow it where something was refused or is remarked.
#pragma once

#include "dialect/exim/scan.h"
#include "dialect/extra_list.h"

namespace mailtrail::dialect::exim {

struct Client {
  Host host;
  bool doubtful = false;  // see take_host
  Text sender;            // F=
  Text auth, tls, verified;

  // Adds what the vocabulary has no field for.
  void add_extras(ExtraList& extra) const {
    if (doubtful) extra.add("client", "doubtful");
    extra.add("interface", host.interface);
    extra.add("ident", host.user);
    extra.add("tls", tls);
    extra.add("tls_verified", verified);
  }
  // Sets client_name, client_ip, and what else of these `body` has.
  template <class Body>
  void fill(Body& body) const {
    body.client_name = host.name;
    body.client_ip = host.ip;
    if constexpr (requires { body.client_port; }) body.client_port = host.port;
    if constexpr (requires { body.helo; }) body.helo = host.helo;
    if constexpr (requires { body.sender; }) body.sender = sender;
  }
};

// Takes ` X=..`, ` CV=..`, ` DN=".."`, ` SNI=".."`, ` A=..`, ` F=<..>`, ` I=..`, ` U=..` off `text`, in any order.
inline void take_client_fields(Text& text, Client& client) {
  const auto take = [&text](Text name, Text& value) {
    if (!text.starts_with(name)) return false;
    Text rest = text.substr(name.size());
    value = rest.substr(0, rest.find(' '));
    if (value.ends_with(':')) value.remove_suffix(1);
    text = rest.substr(value.size());
    return true;
  };
  while (text.size() > 3 && text.front() == ' ') {
    Text ignored;
    take_host_details(text, client.host);
    if (text.starts_with(" F=<")) {
      Text rest = text.substr(3);
      if (!take_bracketed(rest, client.sender)) return;
      text = rest;
    } else if (text.starts_with(" DN=\"") || text.starts_with(" SNI=\"")) {
      const std::size_t open = text.find('"');
      const std::size_t size = quoted_size(text.substr(open));
      if (size == 0) return;
      text.remove_prefix(open + size);
    } else if (!take(" X=", client.tls) && !take(" CV=", client.verified) && !take(" A=", client.auth) &&
               !take(" P=", ignored) && !take(" L", ignored)) {
      return;
    }
  }
}

// Takes a host behind which the rest of the line `fits`, without a `H=` before it, and its fields off `text`.
template <class Fits>
bool take_client(Text& text, Client& client, Fits&& fits) {
  const auto fits_behind_fields = [&fits](Text rest) {
    Client unused;
    take_client_fields(rest, unused);
    return fits(rest);
  };
  if (!take_host(text, client.host, client.doubtful, fits_behind_fields)) return false;
  take_client_fields(text, client);
  return fits(text);
}

}  // namespace mailtrail::dialect::exim
