#pragma once
#include <codicom/core/diagnosis.hpp>
#include <codicom/data_set/data_set.hpp>

#include <cstddef>
#include <vector>

namespace codicom {

/// What the values of a data set, and of all its items, have against PS3.5 §6 and the dictionary of PS3.6: wrong VR,
/// wrong number of values, values that are too long, characters or forms that a VR does not have, text that its
/// character set does not define. Private and unknown attributes are judged by their VR alone, UN not at all; retired
/// ones like the others. Which attributes an object must have (PS3.3) is not asked.
///
/// At most `most` diagnoses, in the order of the elements. Offsets are `diagnosis::no_offset`; no value is quoted, but
/// for a Specific Character Set that is none. Depth costs heap, not stack.
[[nodiscard]] std::vector<diagnosis> validate(const data_set& object, std::size_t most = 1000);

}  // namespace codicom

#ifndef CODICOM_SEPARATE_COMPILATION
#include <codicom/data_set/impl/validate.hpp>
#endif
