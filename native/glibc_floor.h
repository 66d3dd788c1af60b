// Included before everything else on Linux with glibc: binds the few functions whose symbols newer glibc versions
// gave a new version to the version that glibc 2.28 has, so that an addon built here loads there. The new versions
// differ in error reporting (exp …) or only in the library they live in (pthread …). libstdc++ likewise: gcc 12 only
// added `noexcept`.
#pragma once
#include <features.h>
#if defined(__GLIBC__)
#if defined(__x86_64__)
#define TENZO_OLDEST "GLIBC_2.2.5"
#elif defined(__aarch64__)
#define TENZO_OLDEST "GLIBC_2.17"
#endif
#ifdef TENZO_OLDEST
#define TENZO_BIND(name) __asm__(".symver " #name "," #name "@" TENZO_OLDEST);
TENZO_BIND(exp)
TENZO_BIND(fmod)
TENZO_BIND(hypot)
TENZO_BIND(exp2)
TENZO_BIND(log)
TENZO_BIND(log2)
TENZO_BIND(pow)
TENZO_BIND(pthread_create)
TENZO_BIND(pthread_detach)
TENZO_BIND(pthread_join)
TENZO_BIND(pthread_once)
TENZO_BIND(pthread_sigmask)
TENZO_BIND(pthread_key_create)
TENZO_BIND(pthread_key_delete)
TENZO_BIND(pthread_getspecific)
TENZO_BIND(pthread_setspecific)
TENZO_BIND(pthread_mutex_trylock)
TENZO_BIND(sem_init)
TENZO_BIND(sem_post)
TENZO_BIND(sem_wait)
TENZO_BIND(sem_destroy)
#undef TENZO_BIND
__asm__(
    ".symver _ZNSt18condition_variable4waitERSt11unique_lockISt5mutexE,"
    "_ZNSt18condition_variable4waitERSt11unique_lockISt5mutexE@GLIBCXX_3.4.11");
#if defined(__x86_64__)
__asm__(".symver pthread_setname_np,pthread_setname_np@GLIBC_2.12");
#else
__asm__(".symver pthread_setname_np,pthread_setname_np@GLIBC_2.17");
#endif
#endif
#endif
