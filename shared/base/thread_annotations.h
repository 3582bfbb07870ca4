// Which mutex protects what, and which functions want it held, in words that clang checks (preset clang, scripts/lint
// --threads): a use without the mutex does not compile there. For gcc they are comments. They name a Mutex (mutex.h),
// since std::mutex of libstdc++ has no such words.
#pragma once

#ifdef __clang__
#define DOUTU_THREAD_ANNOTATION(attribute) __attribute__((attribute))
#else
#define DOUTU_THREAD_ANNOTATION(attribute)
#endif

/// Of a class: it is something that is held, as a mutex is.
#define DOUTU_CAPABILITY(name) DOUTU_THREAD_ANNOTATION(capability(name))
/// Of a class: it holds such a thing for as long as it lives.
#define DOUTU_SCOPED_CAPABILITY DOUTU_THREAD_ANNOTATION(scoped_lockable)
/// Of a variable: it is read and written only while the mutex is held.
#define DOUTU_GUARDED_BY(mutex) DOUTU_THREAD_ANNOTATION(guarded_by(mutex))
/// Of a function: whoever calls it holds the mutex.
#define DOUTU_REQUIRES(mutex) DOUTU_THREAD_ANNOTATION(requires_capability(mutex))
/// Of a function: it takes the mutex; it gives the mutex back. Of a member of such a class, without a name: that one.
#define DOUTU_ACQUIRE(...) DOUTU_THREAD_ANNOTATION(acquire_capability(__VA_ARGS__))
#define DOUTU_RELEASE(...) DOUTU_THREAD_ANNOTATION(release_capability(__VA_ARGS__))
/// Of a function that clang cannot follow; it needs a reason beside it.
#define DOUTU_NO_THREAD_ANALYSIS DOUTU_THREAD_ANNOTATION(no_thread_safety_analysis)
