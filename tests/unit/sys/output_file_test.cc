#include "sys/output_file.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <csignal>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>

#include "sys/pager.h"
#include "sys/temporary_file.h"

namespace mailtrail::sys {
namespace {

namespace fs = std::filesystem;

class Folder {
 public:
  Folder() {
    std::string path = fs::temp_directory_path() / "mailtrail-test-XXXXXX";
    path_ = ::mkdtemp(path.data());
  }
  ~Folder() { fs::remove_all(path_); }
  Folder(const Folder&) = delete;
  Folder& operator=(const Folder&) = delete;
  std::string file(const std::string& name) const { return path_ / name; }

 private:
  fs::path path_;
};

std::string content_of(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  std::stringstream text;
  text << file.rdbuf();
  return text.str();
}

TEST(OutputFile, WritesAllInOrder) {
  const Folder folder;
  Result<OutputFile> file = OutputFile::create(folder.file("x"));
  ASSERT_TRUE(file.ok());
  std::string expected;
  // Pieces below, at and above what is kept before a write.
  for (const std::size_t size : {1u, 65'535u, 2u, 65'536u, 200'000u, 3u}) {
    const std::string piece(size, static_cast<char>('a' + expected.size() % 26));
    ASSERT_TRUE(file->write(piece).ok());
    expected += piece;
  }
  ASSERT_TRUE(file->close().ok());
  EXPECT_EQ(content_of(folder.file("x")), expected);
}

TEST(OutputFile, FullDiskIsAnErrorThatStays) {
  const int device = ::open("/dev/full", O_WRONLY | O_CLOEXEC);
  ASSERT_GE(device, 0);
  OutputFile file = OutputFile::of_descriptor(device, "full");
  EXPECT_TRUE(file.write("x").ok());
  const Result<Done> flushed = file.flush();
  ASSERT_FALSE(flushed.ok());
  EXPECT_EQ(flushed.error().where, "full");
  EXPECT_NE(flushed.error().what.find("No space left"), std::string::npos);
  EXPECT_FALSE(file.is_reader_gone());
  EXPECT_FALSE(file.write("y").ok());
  EXPECT_FALSE(file.close().ok());
  ::close(device);
}

TEST(OutputFile, KnowsThatNobodyReadsAnyMore) {
  int ends[2];
  ASSERT_EQ(::pipe(ends), 0);
  ::close(ends[0]);
  std::signal(SIGPIPE, SIG_IGN);
  OutputFile file = OutputFile::of_descriptor(ends[1], "pipe");
  EXPECT_TRUE(file.write("x").ok());
  EXPECT_FALSE(file.flush().ok());
  EXPECT_TRUE(file.is_reader_gone());
  ::close(ends[1]);
}

TEST(OutputFile, TakesOverWhatWasLeftUnfinished) {
  const Folder folder;
  std::ofstream(folder.file("x")) << "left behind, and longer";
  Result<OutputFile> file = OutputFile::create(folder.file("x"));
  ASSERT_TRUE(file.ok());
  ASSERT_TRUE(file->write("new").ok());
  ASSERT_TRUE(file->close().ok());
  EXPECT_EQ(content_of(folder.file("x")), "new");
}

TEST(OutputFile, FollowsNoLinkThatSomebodyPutThere) {
  const Folder folder;
  std::ofstream(folder.file("other")) << "kept";
  fs::create_symlink(folder.file("other"), folder.file("x"));
  EXPECT_FALSE(OutputFile::create(folder.file("x")).ok());
  EXPECT_EQ(content_of(folder.file("other")), "kept");
}

TEST(OutputFile, RenamesAndRemoves) {
  const Folder folder;
  std::ofstream(folder.file("a")) << "new";
  std::ofstream(folder.file("b")) << "old";
  EXPECT_TRUE(rename_file(folder.file("a"), folder.file("b")).ok());
  EXPECT_EQ(content_of(folder.file("b")), "new");
  EXPECT_FALSE(is_present(folder.file("a")));
  EXPECT_FALSE(rename_file(folder.file("a"), folder.file("c")).ok());
  EXPECT_TRUE(is_present(folder.file("b")));
  EXPECT_TRUE(remove_file(folder.file("b")));
  EXPECT_TRUE(remove_file(folder.file("b"))) << "what is not there need not be removed";
}

TEST(TemporaryFile, LivesAsLongAsTheObject) {
  std::string path;
  {
    const Result<TemporaryFile> file = TemporaryFile::create("bytes");
    ASSERT_TRUE(file.ok());
    path = file->path();
    EXPECT_EQ(content_of(path), "bytes");
    EXPECT_EQ(fs::status(path).permissions(), fs::perms::owner_read | fs::perms::owner_write);
  }
  EXPECT_FALSE(is_present(path));
}

TEST(Pager, GetsThePageAndUsualSignals) {
  const Folder folder;
  const std::string page(300'000, 'x');
  EXPECT_TRUE(show_in_pager("cat > '" + folder.file("page") + "'", page).ok());
  EXPECT_EQ(content_of(folder.file("page")), page);
}

TEST(Pager, MayBeLeftBeforeThePageIsRead) {
  EXPECT_TRUE(show_in_pager("exit 0", std::string(1'000'000, 'x')).ok());
}

TEST(Pager, ThatDoesNotExistIsAnError) {
  EXPECT_FALSE(show_in_pager("mailtrail-no-such-pager 2>/dev/null", "page").ok());
}

TEST(Pager, IsTheOneOfTheEnvironment) {
  ::setenv("PAGER", "most", 1);
  EXPECT_EQ(pager_command(), "most");
  ::setenv("PAGER", "cat", 1);
  EXPECT_EQ(pager_command(), "");
  ::setenv("PAGER", "", 1);
  EXPECT_EQ(pager_command(), "");
  ::unsetenv("PAGER");
  EXPECT_EQ(pager_command(), "less -FRX");
}

}  // namespace
}  // namespace mailtrail::sys
