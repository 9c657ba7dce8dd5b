// Which numbers of an enum that stands in a saved state are its values.
//
// Numbers of words stand in states that were saved: a new value stands last in its enum, and none is ever moved.
#pragma once

#include "model/vocabulary.h"

namespace mailtrail::trace {

// A new value makes the compiler name the switch that it must be put into.

constexpr bool is_known(model::Kind value) {
  using enum model::Kind;
  switch (value) {
    case kConnect:
    case kDisconnect:
    case kReceive:
    case kHeader:
    case kQueue:
    case kDelivery:
    case kReject:
    case kRemove:
    case kHold:
    case kRelease:
    case kDelete:
    case kRequeue:
    case kExpire:
    case kNotify:
    case kAuth:
    case kVerdict:
    case kPolicy:
    case kLogin:
    case kMailbox:
    case kTls:
    case kEngagement:
    case kNotice:
    case kGap:
    case kUnparsed:
      return true;
  }
  return false;
}

constexpr bool is_known(model::Status value) {
  using enum model::Status;
  switch (value) {
    case kNone:
    case kSent:
    case kDeferred:
    case kBounced:
    case kExpired:
    case kDiscarded:
    case kHeld:
    case kUndeliverable:
    case kDeliverable:
    case kRelayed:
      return true;
  }
  return false;
}

constexpr bool is_known(model::Outcome value) {
  using enum model::Outcome;
  switch (value) {
    case kUnknown:
    case kDelivered:
    case kBounced:
    case kExpired:
    case kDeferred:
    case kDiscarded:
    case kHeld:
    case kDeleted:
    case kRedirected:
    case kDeliverable:
    case kUndeliverable:
    case kInTransit:
      return true;
  }
  return false;
}

constexpr bool is_known(model::Action value) {
  using enum model::Action;
  switch (value) {
    case kNone:
    case kReject:
    case kDefer:
    case kDiscard:
    case kFilter:
    case kRedirect:
    case kHold:
    case kWarn:
    case kQuarantine:
    case kPass:
    case kViolation:
      return true;
  }
  return false;
}

constexpr bool is_known(model::Link value) {
  using enum model::Link;
  switch (value) {
    case kNone:
    case kFilter:
    case kForward:
    case kBounce:
    case kRelay:
    case kRequeue:
      return true;
  }
  return false;
}

constexpr int number_of(auto value) {
  return static_cast<int>(value);
}
#define MAILTRAIL_MOVED "its number stands in states that were saved: put new values last"
static_assert(number_of(model::Kind::kDelivery) == 5 && number_of(model::Kind::kUnparsed) == 23, MAILTRAIL_MOVED);
static_assert(number_of(model::Status::kBounced) == 3 && number_of(model::Status::kRelayed) == 9, MAILTRAIL_MOVED);
static_assert(number_of(model::Outcome::kBounced) == 2 && number_of(model::Outcome::kInTransit) == 11, MAILTRAIL_MOVED);
static_assert(number_of(model::Action::kHold) == 6 && number_of(model::Action::kViolation) == 10, MAILTRAIL_MOVED);
static_assert(number_of(model::Link::kBounce) == 3 && number_of(model::Link::kRequeue) == 5, MAILTRAIL_MOVED);
#undef MAILTRAIL_MOVED

}  // namespace mailtrail::trace
