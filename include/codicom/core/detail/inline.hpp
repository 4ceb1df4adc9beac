#pragma once

// For the few functions per element, where the compiler's own judgement costs a factor of two; and for those that are
// called from there, but hardly ever.
#if defined(__GNUC__)
#define CODICOM_ALWAYS_INLINE [[gnu::always_inline]] inline
#define CODICOM_COLD [[gnu::cold, gnu::noinline]]
#elif defined(_MSC_VER)
#define CODICOM_ALWAYS_INLINE __forceinline
#define CODICOM_COLD __declspec(noinline)
#else
#define CODICOM_ALWAYS_INLINE inline
#define CODICOM_COLD
#endif
