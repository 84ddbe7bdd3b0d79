/** The metrics of both dialects that are read, for whoever must ask for each by its name. */
export const keplerMetricNames: readonly string[] = [
  'kepler_container_cpu_joules_total',
  'kepler_container_gpu_joules_total',
  'kepler_pod_cpu_joules_total',
  'kepler_pod_gpu_joules_total',
  'kepler_node_cpu_active_joules_total',
  'kepler_node_cpu_idle_joules_total',
  'kepler_node_gpu_active_joules_total',
  'kepler_node_gpu_idle_joules_total',
  'kepler_build_info',
  'kepler_container_joules_total',
  'kepler_container_package_joules_total',
  'kepler_container_dram_joules_total',
  'kepler_container_other_joules_total',
  'kepler_container_other_host_components_joules_total',
  // `kepler_container_gpu_joules_total` is above: both dialects have it.
  'kepler_node_package_joules_total',
  'kepler_node_dram_joules_total',
  'kepler_node_other_joules_total',
  'kepler_node_other_host_components_joules_total',
  'kepler_node_gpu_joules_total',
  'kepler_exporter_build_info',
]
