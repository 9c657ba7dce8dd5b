#include "app/store_directory.h"

#include <gtest/gtest.h>
#include <sys/stat.h>

#include <cstdlib>
#include <fstream>
#include <sstream>
#include <vector>

#include "tests/unit/app/store_folder.h"

namespace mailtrail::app {
namespace {

namespace fs = std::filesystem;

void write(const std::string& path, const std::string& text) {
  std::ofstream(path, std::ios::binary) << text;
}

std::string content_of(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  std::stringstream text;
  text << file.rdbuf();
  return text.str();
}

// Variables of the environment, put back with the object.
class Environment {
 public:
  explicit Environment(std::vector<const char*> names) {
    for (const char* name : names) {
      const char* value = std::getenv(name);
      before_.emplace_back(name, value == nullptr ? std::nullopt : std::optional<std::string>(value));
      ::unsetenv(name);
    }
  }
  Environment(const Environment&) = delete;
  Environment& operator=(const Environment&) = delete;
  ~Environment() {
    for (const auto& [name, value] : before_) {
      if (value) {
        ::setenv(name, value->c_str(), 1);
      } else {
        ::unsetenv(name);
      }
    }
  }

 private:
  std::vector<std::pair<const char*, std::optional<std::string>>> before_;
};

TEST(StorePath, OptionThenEnvironmentThenThePlaceOfTheUser) {
  const Environment environment({"MAILTRAIL_STORE", "XDG_DATA_HOME", "HOME"});
  ::setenv("HOME", "/home/alice", 1);
  if (::geteuid() == 0) {
    EXPECT_EQ(store_path(std::nullopt).value(), "/var/lib/mailtrail");
  } else {
    EXPECT_EQ(store_path(std::nullopt).value(), "/home/alice/.local/share/mailtrail");
    ::setenv("XDG_DATA_HOME", "relative", 1);
    EXPECT_EQ(store_path(std::nullopt).value(), "/home/alice/.local/share/mailtrail");
    ::setenv("XDG_DATA_HOME", "/data", 1);
    EXPECT_EQ(store_path(std::nullopt).value(), "/data/mailtrail");
  }
  ::setenv("MAILTRAIL_STORE", "/srv/store", 1);
  EXPECT_EQ(store_path(std::nullopt).value(), "/srv/store");
  EXPECT_EQ(store_path("other").value(), "other");
  EXPECT_FALSE(store_path("").ok());
}

TEST(StoreDirectory, IsMadeWithItsParentsAndFoundAgain) {
  const StoreFolder folder;
  const std::string path = folder.path("a/b/store");
  ASSERT_TRUE(StoreDirectory::find(path).ok());
  EXPECT_FALSE(StoreDirectory::find(path).value());
  const Result<StoreDirectory> none = StoreDirectory::open(path);
  ASSERT_FALSE(none.ok());
  EXPECT_EQ(none.error().what, "there is no store");
  EXPECT_FALSE(fs::exists(folder.path("a"))) << "looking made something";

  // Whatever the umask says.
  const mode_t before = ::umask(0077);
  const Result<StoreDirectory> made = StoreDirectory::open_or_create(path);
  ::umask(before);
  ASSERT_TRUE(made.ok()) << made.error().to_string();
  struct stat status {};
  ASSERT_EQ(::stat(path.c_str(), &status), 0);
  EXPECT_EQ(status.st_mode & 07777, ::geteuid() == 0 ? 0750u : 0700u);
  EXPECT_EQ(content_of(path + "/STORE"), "mailtrail store 1\n");
  EXPECT_EQ(std::distance(fs::directory_iterator(path), {}), 1) << "something is left beside the marker";

  write(path + "/mailtrail.duckdb", "facts");
  EXPECT_TRUE(StoreDirectory::open(path).ok());
  EXPECT_TRUE(StoreDirectory::open_or_create(path).ok());
  EXPECT_EQ(content_of(path + "/mailtrail.duckdb"), "facts");
}

TEST(StoreDirectory, EmptyDirectoryKeepsItsPermissions) {
  const StoreFolder folder;
  const std::string path = folder.path("mine");
  fs::create_directory(path);
  ASSERT_EQ(::chmod(path.c_str(), 0710), 0);
  fs::create_directory(path + "/lost+found");
  write(path + "/STORE.4711.tmp", "mail");  // whoever made it was killed
  EXPECT_FALSE(StoreDirectory::find(path).value());
  ASSERT_TRUE(StoreDirectory::open_or_create(path).ok());
  EXPECT_EQ(fs::status(path).permissions(), static_cast<fs::perms>(0710));
}

TEST(StoreDirectory, NothingIsWrittenAmongOtherThings) {
  const StoreFolder folder;
  const std::string path = folder.path("home");
  fs::create_directory(path);
  write(path + "/.profile", "");
  for (const auto& open : {StoreDirectory::open, StoreDirectory::open_or_create}) {
    const Result<StoreDirectory> refused = open(path);
    ASSERT_FALSE(refused.ok());
    EXPECT_EQ(refused.error().to_string(), path +
                                               ": is no mailtrail store, but holds other things (.profile) (name an "
                                               "empty or a new directory with --store or MAILTRAIL_STORE)");
  }
  EXPECT_EQ(std::distance(fs::directory_iterator(path), {}), 1);
  // A marker that leads nowhere is none.
  fs::create_symlink("nowhere", path + "/STORE");
  EXPECT_FALSE(StoreDirectory::open_or_create(path).ok());
}

TEST(StoreDirectory, FileInTheWayIsNamed) {
  const StoreFolder folder;
  write(folder.path("file"), "x");
  for (const std::string name : {"file", "file/store", "file/a/store"}) {
    const Result<StoreDirectory> refused = StoreDirectory::open_or_create(folder.path(name));
    ASSERT_FALSE(refused.ok()) << name;
    EXPECT_TRUE(refused.error().where.starts_with(folder.path("file"))) << refused.error().to_string();
    EXPECT_FALSE(refused.error().remedy.empty()) << refused.error().to_string();
  }
  EXPECT_EQ(content_of(folder.path("file")), "x");
}

TEST(StoreDirectory, MarkerIsThatOfAVersionThatIsKnown) {
  const StoreFolder folder;
  const std::string path = folder.store().path();
  for (const std::string text : {"mailtrail store 1", "mailtrail store 1\n"}) {
    write(path + "/STORE", text);
    EXPECT_TRUE(StoreDirectory::open(path).ok()) << text;
  }
  write(path + "/STORE", "mailtrail store 2\n");
  const Result<StoreDirectory> newer = StoreDirectory::open_or_create(path);
  ASSERT_FALSE(newer.ok());
  EXPECT_NE(newer.error().what.find("newer mailtrail: its version is 2, this one knows 1"), std::string::npos);
  for (const std::string text : {"", "mailtrail store \n", "mailtrail store 0\n", "mailtrail store -1\n",
                                 "mailtrail store 1\nmore\n", "mailtrail store 99999999999\n", "\x1b[2J"}) {
    write(path + "/STORE", text);
    EXPECT_FALSE(StoreDirectory::open_or_create(path).ok()) << text;
    EXPECT_EQ(content_of(path + "/STORE"), text);
  }
}

TEST(StoreDirectory, PermissionIsAskedFor) {
  // Root may all: then this is asked by a user who is nobody.
  const StoreFolder folder;
  const std::string path = folder.path("closed");
  fs::create_directory(path);
  ASSERT_EQ(::chmod(path.c_str(), 0500), 0);
  ASSERT_EQ(::chmod(folder.path("").c_str(), 0755), 0);
  ChildProcess child([&] {
    if (::geteuid() == 0 && ::setuid(65534) != 0) return 1;
    const Result<StoreDirectory> refused = StoreDirectory::open_or_create(path + "/store");
    return !refused.ok() && !refused.error().remedy.empty() ? 0 : 2;
  });
  EXPECT_EQ(child.wait(), 0);
}

TEST(StoreDirectory, ManyProcessesMakeOneStore) {
  const StoreFolder folder;
  const Signal go;
  std::vector<ChildProcess> children;
  for (int i = 0; i < 8; ++i) {
    children.emplace_back([&] {
      go.wait();
      return StoreDirectory::open_or_create(folder.path()).ok() ? 0 : 1;
    });
  }
  go.give(children.size());
  for (ChildProcess& child : children) EXPECT_EQ(child.wait(), 0);
  EXPECT_EQ(content_of(folder.path() + "/STORE"), "mailtrail store 1\n");
}

}  // namespace
}  // namespace mailtrail::app
