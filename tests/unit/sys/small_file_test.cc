#include "sys/small_file.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>

#include "sys/path.h"
#include "sys/process.h"

namespace mailtrail::sys {
namespace {

namespace fs = std::filesystem;

class SmallFileTest : public ::testing::Test {
 protected:
  void SetUp() override {
    std::string pattern = (fs::temp_directory_path() / "mailtrail-test-XXXXXX").string();
    ASSERT_NE(::mkdtemp(pattern.data()), nullptr);
    folder_ = pattern;
  }
  void TearDown() override { fs::remove_all(folder_); }

  fs::path folder_;
};

TEST_F(SmallFileTest, IsMadeOnceAndStays) {
  const std::string path = folder_ / "x";
  EXPECT_TRUE(create_whole_file(path, "first").value());
  EXPECT_FALSE(create_whole_file(path, "second").value());
  EXPECT_EQ(read_small_file(path, 100).value(), "first");
  EXPECT_EQ(read_small_file(path, 2).value(), "fi");
  EXPECT_EQ(std::distance(fs::directory_iterator(folder_), {}), 1) << "something is left beside it";
  EXPECT_FALSE(create_whole_file(folder_ / "none" / "x", "").ok());
  EXPECT_FALSE(read_small_file(folder_, 100).ok());
  EXPECT_FALSE(read_small_file(folder_ / "none", 100).ok());
}

TEST_F(SmallFileTest, DirectoriesAreMadeWithThoseAbove) {
  const std::string path = folder_ / "a/b/c";
  ASSERT_TRUE(make_directories(path, 0710).ok());
  EXPECT_EQ(fs::status(path).permissions(), static_cast<fs::perms>(0710));
  ASSERT_TRUE(make_directories(path + "/", 0700).ok());
  EXPECT_EQ(fs::status(path).permissions(), static_cast<fs::perms>(0710)) << "one that was there was changed";
  EXPECT_EQ(look_at(path)->kind, PathKind::kDirectory);
  EXPECT_EQ(look_at(path)->owner, ::geteuid());
  EXPECT_EQ(look_at(path + "/none")->kind, PathKind::kNothing);
  EXPECT_FALSE(look_at("").ok());
  EXPECT_FALSE(look_at(std::string("/tmp\0/x", 7)).ok());
}

TEST(Path, ParentIsWhatStandsBeforeTheLastName) {
  const std::pair<const char*, const char*> cases[] = {{"/a/b", "/a"}, {"/a/b//", "/a"}, {"/a//b", "/a"}, {"/a", "/"},
                                                       {"/", "/"},     {"a", "."},       {"a/b", "a"},    {"", "."}};
  for (const auto& [path, parent] : cases) EXPECT_EQ(parent_of(path), parent) << path;
}

TEST(Process, BirthTellsOneFromALaterOne) {
  const std::optional<std::uint64_t> own = process_birth(process_id());
  ASSERT_TRUE(own);
  EXPECT_EQ(process_birth(process_id()), own);
  EXPECT_NE(process_birth(1), own);
  EXPECT_FALSE(process_birth(-1));
  EXPECT_FALSE(process_birth(1 << 30));
  EXPECT_EQ(user_name(4'000'000'000U), "4000000000");
  EXPECT_FALSE(host_name().empty());
}

}  // namespace
}  // namespace mailtrail::sys
