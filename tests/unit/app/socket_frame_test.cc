#include "app/socket_frame.h"

#include <gtest/gtest.h>

namespace mailtrail::app {
namespace {

CommandRequest sample_request() {
  CommandRequest request;
  request.words = {"search", "--json", "subject:\"\xff\n\"", ""};
  request.out_is_terminal = request.colour_wanted = request.has_pager = true;
  request.unicode = false;
  request.width = 132;
  request.height = 50;
  request.zone = "Europe/Berlin";
  return request;
}

TEST(SocketPreface, StatesTheVersion) {
  EXPECT_EQ(preface(1), std::string("MTSOCK\0\1", 8));
  for (const int version : {0, 1, 255, 256, 65535}) {
    EXPECT_EQ(preface_version(preface(static_cast<std::uint16_t>(version))), version);
  }
  for (const std::string text : {"", "MTSOCK", "MTSOCK\1", "HTTP/1.1 200 OK", "mtsock\1\1"}) {
    EXPECT_FALSE(preface_version(text)) << text;
  }
}

TEST(SocketFrame, ComesInPiecesOfAnySize) {
  std::string bytes;
  append_frame(bytes, FrameKind::kOut, "abc");
  append_frame(bytes, FrameKind::kPageEnd, "");
  append_frame(bytes, FrameKind::kErr, std::string(kMostPayload, 'x'));
  append_frame(bytes, FrameKind::kExit, std::string(1, '\0'));
  EXPECT_EQ(bytes.substr(0, 8), std::string("o\0\0\0\3abc", 8));
  for (const std::size_t piece : {std::size_t{1}, std::size_t{3}, std::size_t{4096}, bytes.size()}) {
    FrameReader reader;
    std::string read;
    for (std::size_t at = 0; at < bytes.size(); at += piece) {
      reader.add(std::string_view(bytes).substr(at, piece));
      while (const std::optional<Frame> frame = reader.next()) append_frame(read, frame->kind, frame->payload);
    }
    EXPECT_TRUE(read == bytes) << piece;
    EXPECT_FALSE(reader.is_broken());
  }
}

TEST(SocketFrame, WhatIsNoneIsNotWaitedFor) {
  for (const std::string& bytes :
       {std::string("G"), std::string("o\0\4\0\1", 5), std::string("o\xff\xff\xff\xff", 5)}) {
    FrameReader reader;
    reader.add(bytes);
    EXPECT_FALSE(reader.next());
    EXPECT_TRUE(reader.is_broken());
    // Nothing comes behind it, and nothing is kept.
    reader.add(std::string("x\0\0\0\0", 5));
    EXPECT_FALSE(reader.next());
  }
}

TEST(SocketRequest, IsReadAsItWasWritten) {
  const CommandRequest request = sample_request();
  const Result<std::string> payload = encode_request(request);
  ASSERT_TRUE(payload.ok());
  const Result<CommandRequest> read = decode_request(*payload);
  ASSERT_TRUE(read.ok());
  EXPECT_TRUE(*read == request);
  CommandRequest bare;
  bare.words = {"report"};
  EXPECT_TRUE(decode_request(encode_request(bare).value()).value() == bare);
}

TEST(SocketRequest, FieldThatIsNotKnownIsPassedOver) {
  const CommandRequest request = sample_request();
  const std::string payload = std::string("?\0\0\0\2hi", 7) + encode_request(request).value();
  EXPECT_TRUE(decode_request(payload).value() == request);
}

TEST(SocketRequest, CutOrWrongOneIsAnError) {
  const std::string payload = encode_request(sample_request()).value();
  std::size_t whole = 0;
  for (std::size_t size = 0; size < payload.size(); ++size) {
    whole += decode_request(std::string_view(payload).substr(0, size)).ok() ? 1u : 0u;
  }
  // Cut between two fields behind the first word: 3 words more, flags, width, height.
  EXPECT_EQ(whole, 7u);
  const std::string word("w\0\0\0\6report", 11);
  EXPECT_TRUE(decode_request(word).ok());
  EXPECT_FALSE(decode_request("").ok()) << "no command";
  EXPECT_FALSE(decode_request(word + std::string("w\0\0\0\1\0", 6)).ok()) << "a word that no process can be given";
  EXPECT_FALSE(decode_request(word + std::string("c\0\0\0\4\xff\xff\xff\xff", 9)).ok()) << "a page of any width";
  EXPECT_FALSE(decode_request(word + std::string("l\0\0\0\4\0\0\0\0", 9)).ok());
  EXPECT_FALSE(decode_request(word + std::string("f\0\0\0\1\1", 6)).ok());
  EXPECT_FALSE(decode_request(word + std::string("w\xff\xff\xff\xff", 5)).ok());
}

TEST(SocketRequest, LongerThanAFrameIsRefusedBeforeItIsSent) {
  CommandRequest request = sample_request();
  request.words.push_back(std::string(kMostPayload, 'x'));
  EXPECT_FALSE(encode_request(request).ok());
  request.words.back().resize(kMostPayload / 2);
  EXPECT_TRUE(encode_request(request).ok());
}

}  // namespace
}  // namespace mailtrail::app
