#include "association_stack.hpp"

namespace association_bench {
stack* dcmtk_stack() { return nullptr; }
}  // namespace association_bench
