"""Files of a bundle that are not its YAML: settings and project, notebooks, Terraform, README."""
