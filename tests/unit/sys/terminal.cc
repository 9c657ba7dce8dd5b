#include "sys/terminal.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <cstdlib>

namespace mailtrail::sys {
namespace {

// The program's end of a terminal of 132 columns that nobody looks at.
class TerminalTest : public ::testing::Test {
 protected:
  void SetUp() override {
    master_ = ::posix_openpt(O_RDWR | O_NOCTTY);
    ASSERT_TRUE(master_ >= 0 && ::grantpt(master_) == 0 && ::unlockpt(master_) == 0) << "no pseudo terminal to be had";
    slave_ = ::open(::ptsname(master_), O_RDWR | O_NOCTTY);
    ASSERT_GE(slave_, 0);
    struct winsize size {};
    size.ws_col = 132;
    ASSERT_EQ(::ioctl(slave_, TIOCSWINSZ, &size), 0);
    ASSERT_EQ(::pipe(pipe_), 0);
    ::unsetenv("COLUMNS");
    ::unsetenv("NO_COLOR");
    ::setenv("TERM", "xterm-256color", 1);
  }
  void TearDown() override {
    for (const int descriptor : {master_, slave_, pipe_[0], pipe_[1]}) {
      if (descriptor >= 0) ::close(descriptor);
    }
  }

  int master_ = -1;
  int slave_ = -1;
  int pipe_[2] = {-1, -1};
};

TEST_F(TerminalTest, IsToldFromAPipe) {
  EXPECT_TRUE(is_terminal(slave_));
  EXPECT_FALSE(is_terminal(pipe_[1]));
}

TEST_F(TerminalTest, WidthIsTheTerminalsUnlessTheEnvironmentSaysOtherwise) {
  EXPECT_EQ(terminal_width(slave_), 132u);
  EXPECT_EQ(terminal_width(pipe_[1]), 80u);
  ::setenv("COLUMNS", "100", 1);
  EXPECT_EQ(terminal_width(slave_), 100u);
  EXPECT_EQ(terminal_width(pipe_[1]), 100u);
  ::setenv("COLUMNS", "3", 1);
  EXPECT_EQ(terminal_width(slave_), 20u);
  for (const char* nonsense : {"", "0", "-5", "wide"}) {
    ::setenv("COLUMNS", nonsense, 1);
    EXPECT_EQ(terminal_width(slave_), 132u) << nonsense;
  }
}

TEST_F(TerminalTest, ColourIsForTerminalsThatKnowIt) {
  EXPECT_TRUE(is_colour_wanted(slave_));
  EXPECT_FALSE(is_colour_wanted(pipe_[1]));
  ::setenv("NO_COLOR", "1", 1);
  EXPECT_FALSE(is_colour_wanted(slave_));
  ::setenv("NO_COLOR", "", 1);
  EXPECT_TRUE(is_colour_wanted(slave_));
  ::setenv("TERM", "dumb", 1);
  EXPECT_FALSE(is_colour_wanted(slave_));
  ::unsetenv("TERM");
  EXPECT_FALSE(is_colour_wanted(slave_));
}

}  // namespace
}  // namespace mailtrail::sys
