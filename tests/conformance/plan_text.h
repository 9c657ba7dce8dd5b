// Plans as text, whatever they hold: also those that no search gives.
#pragma once

#include <string>

#include "query/plan.h"

namespace mailtrail::conformance {

std::string text_of(const query::Expr& expr);
std::string text_of(const query::Plan& plan);

}  // namespace mailtrail::conformance
