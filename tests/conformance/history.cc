#include "tests/conformance/history.h"

#include <functional>

#include "store/memory/memory_store.h"
#include "tests/conformance/fact_maker.h"
#include "tests/conformance/fact_text.h"
#include "tests/conformance/plan_maker.h"
#include "tests/conformance/scratch_folder.h"
#include "tests/conformance/traps.h"

namespace mailtrail::conformance {
namespace {

constexpr query::Per kPers[] = {query::Per::kAttempt, query::Per::kRecipient, query::Per::kMessage,
                                query::Per::kJourney, query::Per::kRejection, query::Per::kLogin};
constexpr std::string_view kStates[] = {"tracer", "archive", "summary of 'all' lines", ""};

// A store of the kind, and beside it what it is held against: the facts themselves, and the reference.
class Pair {
 public:
  explicit Pair(const StoreKind& kind) : kind_(kind) { open(); }

  // What went wrong; empty: nothing.
  std::string apply(const Step& step) {
    switch (step.sort) {
      case Step::Sort::kCommit:
        tell(step);
        told_.commit(step.settled, step.tail);
        return failure(store_->commit(step.commit), reference_.commit(step.commit));
      case Step::Sort::kRollBack:
        tell(step);
        store_->roll_back();
        reference_.roll_back();
        return {};
      case Step::Sort::kExpire:
        told_.expire(step.day);
        return failure(store_->expire(step.day), reference_.expire(step.day));
      case Step::Sort::kReopen:
        if (kind_.persists) open();
        return problem_;
    }
    return {};
  }

  std::string expected(const Question& question) const {
    const TellFacts tell_facts = [&](model::FactSink& sink) { told_.read(sink); };
    switch (question.sort) {
      case Question::Sort::kFacts:
        return facts_text(question.since, question.until, tell_facts);
      case Question::Sort::kRows:
        return rows_text(question.plan, question.per, tell_facts);
      case Question::Sort::kReport:
        return report_text(question.since, question.until, tell_facts);
      default:
        return answer(reference_, question);
    }
  }
  std::string got(const Question& question) const { return answer(*store_, question); }
  const std::string& problem() const { return problem_; }

 private:
  void open() {
    store_.reset();
    auto opened = kind_.open(folder_.path());
    if (opened.ok()) {
      store_ = std::move(*opened);
    } else {
      problem_ = opened.error().to_string();
    }
  }
  void tell(const Step& step) {
    for (store::Store* one : {store_.get(), static_cast<store::Store*>(&reference_)}) {
      for (const AnyFact& fact : step.settled) conformance::tell(fact, one->settled());
      for (const AnyFact& fact : step.tail) conformance::tell(fact, one->tail());
    }
  }
  static std::string failure(const Result<Done>& done, const Result<Done>& reference) {
    if (!reference.ok()) return "the reference: " + reference.error().to_string();
    return done.ok() ? std::string() : done.error().to_string();
  }

  const StoreKind& kind_;
  ScratchFolder folder_;
  std::unique_ptr<store::Store> store_;
  std::string problem_;
  store::MemoryStore reference_;
  ToldFacts told_;
};

Micros some_time(Dice& dice) {
  return kFirstDay + dice.between(-kDay, 4 * kDay);
}

std::vector<Question> fixed_questions(Dice& dice) {
  std::vector<Question> questions;
  const auto add = [&](Question::Sort sort) -> Question& {
    Question& one = questions.emplace_back();
    one.sort = sort;
    return one;
  };
  for (const Question::Sort sort : {Question::Sort::kFacts, Question::Sort::kReport}) {
    add(sort);
    Question& both = add(sort);
    both.since = some_time(dice);
    both.until = *both.since + dice.between(0, 2 * kDay);
    (dice.chance(50) ? add(sort).since : add(sort).until) = store::begin_of(some_time(dice), kDay);
  }
  add(Question::Sort::kSummary);
  add(Question::Sort::kSources);
  for (const std::string_view name : kStates) add(Question::Sort::kState).state = name;
  for (const query::Per per : kPers) add(Question::Sort::kRows).per = per;
  for (int bucket = 0; bucket < 3; ++bucket) {
    for (int dimension = 0; dimension < 6; ++dimension) {
      Question& one = add(Question::Sort::kSeries);
      one.series.bucket = static_cast<store::Bucket>(bucket);
      one.series.dimension = static_cast<store::Dimension>(dimension);
      const bool whole = dice.chance(60);
      one.series.since = store::begin_of(whole ? kFirstDay - 8'000 * kDay : some_time(dice), kDay);
      one.series.until = store::begin_of(whole ? kFirstDay + 800 * kDay : some_time(dice), kDay);
      if (bucket < 2 && !whole) one.series.since += kHour * dice.between(0, 23);
    }
  }
  return questions;
}

std::optional<Difference> compare(const Pair& pair, const Question& question) {
  std::string expected = pair.expected(question), got = pair.got(question);
  if (expected == got) return std::nullopt;
  return Difference{{{}, question}, std::move(expected), std::move(got)};
}

std::string random_bytes(Dice& dice, std::size_t most) {
  std::string bytes(dice.below(most), '\0');
  for (char& c : bytes) c = static_cast<char>(dice.below(256));
  return bytes;
}

store::Commit make_commit(Dice& dice) {
  store::Commit commit;
  for (std::size_t left = dice.below(3); left > 0; --left) {
    store::Source& source = commit.sources.emplace_back();
    source.number = static_cast<std::uint32_t>(dice.below(5));
    source.name = dice.chance(50) ? "mail.log" : std::string(dice.one_of(kTextTraps));
    source.bytes = dice.chance(10) ? INT64_MAX : dice.below(1'000'000);
    source.lines = dice.below(10'000);
    source.identity = random_bytes(dice, 40);
    source.resume = random_bytes(dice, 2'000);
  }
  for (const std::string_view name : kStates) {
    if (name.empty() || !dice.chance(40)) continue;
    commit.states.emplace_back(name, dice.chance(20) ? std::string() : random_bytes(dice, 5'000));
  }
  return commit;
}

}  // namespace

std::vector<Step> make_history(Dice& dice, Arena& arena) {
  FactMaker maker(dice, arena);
  std::vector<Step> steps;
  for (std::size_t left = dice.below(6) + 2; left > 0; --left) {
    Step& step = steps.emplace_back();
    const std::size_t face = dice.below(20);
    step.sort = face < 13   ? Step::Sort::kCommit
                : face < 15 ? Step::Sort::kRollBack
                : face < 17 ? Step::Sort::kExpire
                            : Step::Sort::kReopen;
    step.day = store::begin_of(some_time(dice), kDay);
    if (step.sort == Step::Sort::kExpire || step.sort == Step::Sort::kReopen) continue;
    for (std::size_t facts = dice.below(dice.chance(15) ? 60 : 12); facts > 0; --facts) {
      step.settled.push_back(maker.fact());
    }
    for (std::size_t facts = dice.chance(60) ? dice.below(8) : 0; facts > 0; --facts) {
      step.tail.push_back(maker.fact());
    }
    if (step.sort == Step::Sort::kCommit) step.commit = make_commit(dice);
  }
  return steps;
}

std::optional<Difference> run(const StoreKind& kind, const std::vector<Step>& steps, Dice dice, int plans) {
  Pair pair(kind);
  if (!pair.problem().empty()) return Difference{{{}, {}}, "the store opens", pair.problem()};
  PlanMaker maker(dice);
  for (std::size_t i = 0; i < steps.size(); ++i) {
    for (const auto* facts : {&steps[i].settled, &steps[i].tail}) {
      for (const AnyFact& fact : *facts) maker.learn(fact);
    }
    const auto with_steps = [&](Difference difference) {
      difference.failing.steps.assign(steps.begin(), steps.begin() + static_cast<std::ptrdiff_t>(i) + 1);
      return difference;
    };
    const std::string problem = pair.apply(steps[i]);
    if (!problem.empty()) return with_steps({{{}, {}}, "the step is done", problem});
    // Everything behind the last step; before it what shows most, and some of the rest.
    const bool last = i + 1 == steps.size();
    std::vector<Question> questions = fixed_questions(dice);
    for (int left = plans; left > 0; --left) {
      Question question;
      question.sort = Question::Sort::kRows;
      question.plan = maker.plan();
      for (const query::Per per : kPers) {
        question.per = per;
        questions.push_back(question);
      }
    }
    std::erase_if(questions, [&](const Question& question) {
      const bool cheap = question.sort == Question::Sort::kFacts || question.sort == Question::Sort::kSummary;
      return !last && !cheap && !dice.chance(20);
    });
    for (const Question& question : questions) {
      if (auto difference = compare(pair, question)) return with_steps(std::move(*difference));
    }
  }
  return std::nullopt;
}

std::optional<Difference> check(const StoreKind& kind, const Case& one) {
  Pair pair(kind);
  std::string problem = pair.problem();
  for (const Step& step : one.steps) {
    if (problem.empty()) problem = pair.apply(step);
  }
  if (!problem.empty()) return Difference{one, "every step is done", problem};
  auto difference = compare(pair, one.question);
  if (difference) difference->failing.steps = one.steps;
  return difference;
}

namespace {

// Everything that is one step smaller than the case.
std::vector<std::function<void(Case&)>> ways_to_shrink(const Case& one) {
  std::vector<std::function<void(Case&)>> ways;
  for (std::size_t i = one.steps.size(); i-- > 0;) {
    const auto at = static_cast<std::ptrdiff_t>(i);
    ways.emplace_back([at](Case& c) { c.steps.erase(c.steps.begin() + at); });
    for (auto Step::*list : {&Step::settled, &Step::tail}) {
      const std::size_t size = (one.steps[i].*list).size();
      // Halves first, then one by one.
      for (std::size_t piece = size; piece > 0; piece /= 2) {
        for (std::size_t from = 0; from < size; from += piece) {
          ways.emplace_back([=](Case& c) {
            auto& facts = c.steps[i].*list;
            const auto begin = facts.begin() + static_cast<std::ptrdiff_t>(from);
            facts.erase(begin, begin + static_cast<std::ptrdiff_t>(std::min(piece, size - from)));
          });
        }
      }
      for (std::size_t fact = 0; fact < size; ++fact) {
        if (!std::holds_alternative<model::fact::Journey>((one.steps[i].*list)[fact])) continue;
        const auto part = [&](auto model::fact::Journey::*member) {
          const auto& journey = std::get<model::fact::Journey>((one.steps[i].*list)[fact]);
          if ((journey.*member).empty()) return;
          ways.emplace_back([=](Case& c) {
            auto& span = std::get<model::fact::Journey>((c.steps[i].*list)[fact]).*member;
            span = span.first(span.size() - 1);
          });
        };
        part(&model::fact::Journey::deliveries), part(&model::fact::Journey::recipients);
        part(&model::fact::Journey::auth_results), part(&model::fact::Journey::verdicts);
      }
    }
    if (!one.steps[i].commit.sources.empty()) ways.emplace_back([i](Case& c) { c.steps[i].commit.sources.pop_back(); });
    if (!one.steps[i].commit.states.empty()) ways.emplace_back([i](Case& c) { c.steps[i].commit.states.pop_back(); });
  }
  for (std::size_t i = 0; i < one.question.plan.where.children.size(); ++i) {
    ways.emplace_back([i](Case& c) {
      query::Expr child = c.question.plan.where.children[i];
      c.question.plan.where = std::move(child);
    });
  }
  if (one.question.plan.since) ways.emplace_back([](Case& c) { c.question.plan.since.reset(); });
  if (one.question.plan.until) ways.emplace_back([](Case& c) { c.question.plan.until.reset(); });
  if (one.question.since) ways.emplace_back([](Case& c) { c.question.since.reset(); });
  if (one.question.until) ways.emplace_back([](Case& c) { c.question.until.reset(); });
  return ways;
}

}  // namespace

Difference smallest(const StoreKind& kind, Difference difference) {
  int left = 2'000;  // runs
  for (bool smaller = true; smaller && left > 0;) {
    smaller = false;
    for (const auto& shrink : ways_to_shrink(difference.failing)) {
      if (--left <= 0) break;
      Case candidate = difference.failing;
      shrink(candidate);
      if (auto found = check(kind, candidate)) {
        difference = std::move(*found);
        smaller = true;
        break;
      }
    }
  }
  return difference;
}

std::string text_of(const Difference& difference) {
  constexpr std::string_view kSorts[] = {"commit", "roll back", "expire", "reopen"};
  std::string text;
  const auto append_facts = [&](std::string_view layer, const std::vector<AnyFact>& facts) {
    for (const AnyFact& fact : facts) {
      std::visit([&](const auto& one) { text.append("  ").append(layer) += ": " + conformance::text_of(one) + '\n'; },
                 fact);
    }
  };
  for (const Step& step : difference.failing.steps) {
    text.append(kSorts[static_cast<int>(step.sort)]);
    if (step.sort == Step::Sort::kExpire) text += " before " + std::to_string(step.day);
    text += '\n';
    append_facts("settled", step.settled);
    append_facts("tail", step.tail);
    for (const store::Source& one : step.commit.sources) text += "  source " + std::to_string(one.number) + '\n';
    for (const auto& [name, state] : step.commit.states) {
      text += "  state '" + printable(name) + "' of " + std::to_string(state.size()) + " bytes\n";
    }
  }
  text += "asked: " + difference.failing.question.text() + '\n';
  const auto from = static_cast<std::size_t>(std::mismatch(difference.expected.begin(), difference.expected.end(),
                                                           difference.got.begin(), difference.got.end())
                                                 .first -
                                             difference.expected.begin());
  const std::size_t begin = from > 300 ? from - 300 : 0;
  text += "they differ at byte " + std::to_string(from) + "\nexpected: " + difference.expected.substr(begin, 1'500) +
          "\ngot:      " + difference.got.substr(std::min(begin, difference.got.size()), 1'500) + '\n';
  return text;
}

}  // namespace mailtrail::conformance
