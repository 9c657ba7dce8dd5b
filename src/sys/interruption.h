// Interruption: the wish of a user, or of the system, that the program end soon.
#pragma once

namespace mailtrail::sys {

// From now on an interrupt (SIGINT, SIGTERM) is noted instead of ending the process; a second one ends it. Call it
// once, before threads are started.
void note_interruptions();
// Whether one was noted. Thread-safe.
bool is_interrupted();

}  // namespace mailtrail::sys
