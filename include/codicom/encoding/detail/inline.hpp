#pragma once

// For the few functions per element, where the compiler's own judgement costs a factor of two.
#if defined(__GNUC__)
#define CODICOM_ALWAYS_INLINE [[gnu::always_inline]] inline
#elif defined(_MSC_VER)
#define CODICOM_ALWAYS_INLINE __forceinline
#else
#define CODICOM_ALWAYS_INLINE inline
#endif
