#include "cpu_count.h"

#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <thread>

#if defined(__linux__)
#include <sched.h>
#endif

namespace tenzo {
namespace {

#if defined(__linux__)

bool readLine(const char* path, char* line, int size) {
  FILE* f = std::fopen(path, "re");
  if (!f) return false;
  const bool ok = std::fgets(line, size, f) != nullptr;
  std::fclose(f);
  return ok;
}

// CPUs of the affinity mask, hyperthreads of one core counted once: two threads of a kernel that fills the vector units
// gain nothing from sharing a core, and lose cache. A container that hides the topology gives logical CPUs.
int affinityCores() {
  constexpr int MAX_CPUS = 4096;
  cpu_set_t* set = CPU_ALLOC(MAX_CPUS);
  if (!set) return 0;
  const size_t bytes = CPU_ALLOC_SIZE(MAX_CPUS);
  CPU_ZERO_S(bytes, set);
  int cores = 0;
  if (sched_getaffinity(0, bytes, set) == 0) {
    for (int cpu = 0; cpu < MAX_CPUS; cpu++) {
      if (!CPU_ISSET_S(cpu, bytes, set)) continue;
      char path[96], siblings[512];
      std::snprintf(path, sizeof path, "/sys/devices/system/cpu/cpu%d/topology/thread_siblings_list", cpu);
      // A list such as "0,32" or "0-1". This CPU counts unless a sibling before it is in the mask too.
      bool first = true;
      if (readLine(path, siblings, sizeof siblings)) {
        for (char* at = siblings; first && *at;) {
          char* end;
          const long from = std::strtol(at, &end, 10);
          if (end == at) break;
          long to = from;
          if (*end == '-') to = std::strtol(end + 1, &end, 10);
          for (long s = from; s <= to && s < cpu; s++)
            if (s >= 0 && CPU_ISSET_S(s, bytes, set)) first = false;
          at = *end == ',' ? end + 1 : end;
        }
      }
      cores += first;
    }
  }
  CPU_FREE(set);
  return cores;
}

double quotaIn(const char* directory, bool v2) {
  char path[640], line[128];
  if (v2) {
    std::snprintf(path, sizeof path, "%s/cpu.max", directory);
    char quota[64];
    double period;
    if (readLine(path, line, sizeof line) && std::sscanf(line, "%63s %lf", quota, &period) == 2 && period > 0 &&
        std::strcmp(quota, "max") != 0)
      return std::atof(quota) / period;
    return 0;
  }
  std::snprintf(path, sizeof path, "%s/cpu.cfs_quota_us", directory);
  if (!readLine(path, line, sizeof line)) return 0;
  const double quota = std::atof(line);
  std::snprintf(path, sizeof path, "%s/cpu.cfs_period_us", directory);
  if (!readLine(path, line, sizeof line)) return 0;
  const double period = std::atof(line);
  return quota > 0 && period > 0 ? quota / period : 0;
}

bool listed(const char* controllers, const char* name) {
  const size_t n = std::strlen(name);
  for (const char* at = controllers; *at;) {
    const size_t length = std::strcspn(at, ",");
    if (length == n && !std::strncmp(at, name, n)) return true;
    at += length + (at[length] == ',');
  }
  return false;
}

// The tightest quota, in CPUs, between this process's cgroup and the root of the hierarchy; 0 if there is none. Inside
// a container the named path may not exist under the mount: its root is then where the container's own limit is.
double cgroupQuota() {
  FILE* f = std::fopen("/proc/self/cgroup", "re");
  if (!f) return 0;
  double least = 0;
  char line[512];
  while (std::fgets(line, sizeof line, f)) {
    line[std::strcspn(line, "\n")] = 0;
    char* controllers = std::strchr(line, ':');
    if (!controllers) continue;
    char* path = std::strchr(++controllers, ':');
    if (!path) continue;
    *path++ = 0;
    const bool v2 = !*controllers;
    if (!v2 && !listed(controllers, "cpu")) continue;
    const char* const mounts[] = {v2 ? "/sys/fs/cgroup" : "/sys/fs/cgroup/cpu",
                                  v2 ? "/sys/fs/cgroup/unified" : "/sys/fs/cgroup/cpu,cpuacct"};
    for (const char* mount : mounts) {
      char directory[600];
      for (size_t n = std::strlen(path);; n--) {
        if (n && path[n] != '/') continue;
        std::snprintf(directory, sizeof directory, "%s%.*s", mount, static_cast<int>(n), path);
        const double quota = quotaIn(directory, v2);
        if (quota > 0 && (least == 0 || quota < least)) least = quota;
        if (!n) break;
      }
    }
  }
  std::fclose(f);
  return least;
}

#else

int affinityCores() { return 0; }
double cgroupQuota() { return 0; }

#endif

}  // namespace

int usableCpus() {
  int n = affinityCores();
  if (n < 1) n = static_cast<int>(std::thread::hardware_concurrency());
  // Rounded to the nearest: with 1.2 CPUs a second thread would spend most of its time throttled, with 1.5 it pays.
  const double quota = cgroupQuota();
  if (quota > 0 && quota + 0.5 < n) n = static_cast<int>(quota + 0.5);
  return n < 1 ? 1 : n;
}

}  // namespace tenzo
