// How many threads of this process can really run at once.
#pragma once

namespace tenzo {

// Physical cores among the CPUs of the affinity mask, no more than the cgroup quota (v1 or v2) grants; at least 1.
int usableCpus();

}  // namespace tenzo
