// SPDX-License-Identifier: GPL-2.0
/*
 * accelgov - names of accelerators by their PCI numbers
 *
 * sysfs has numbers only, and a recorded tree brings no pci.ids along. These are
 * the accelerators that the back ends were tried on and those of data centres;
 * what is not here is shown by its number.
 */
#include "pcidev.h"

static const struct {
	uint16_t vendor;
	uint16_t device;
	const char *name;
} models[] = {
	{ 0x1002, 0x15bf, "Radeon 740M/760M/780M (Phoenix)" },
	{ 0x1002, 0x1586, "Radeon 8050S/8060S (Strix Halo)" },
	{ 0x1002, 0x150e, "Radeon 880M/890M (Strix Point)" },
	{ 0x1002, 0x15e7, "Radeon Graphics (Barcelo)" },
	{ 0x1002, 0x1636, "Radeon Graphics (Renoir)" },
	{ 0x1002, 0x1638, "Radeon Graphics (Cezanne)" },
	{ 0x1002, 0x163f, "Custom GPU 0405 (Van Gogh)" },
	{ 0x1002, 0x164c, "Radeon Graphics (Lucienne)" },
	{ 0x1002, 0x164e, "Radeon Graphics (Raphael)" },
	{ 0x1002, 0x1681, "Radeon 680M (Rembrandt)" },
	{ 0x1002, 0x66a1, "Instinct MI50 / Radeon Pro VII" },
	{ 0x1002, 0x66af, "Radeon VII" },
	{ 0x1002, 0x679a, "Radeon HD 7950/8950 / R9 280" },
	{ 0x1002, 0x67df, "Radeon RX 470/480/570/580/590" },
	{ 0x1002, 0x6860, "Instinct MI25" },
	{ 0x1002, 0x687f, "Radeon RX Vega 56/64" },
	{ 0x1002, 0x731f, "Radeon RX 5600/5700 series" },
	{ 0x1002, 0x7340, "Radeon RX 5500 series" },
	{ 0x1002, 0x738c, "Instinct MI100" },
	{ 0x1002, 0x73bf, "Radeon RX 6800/6900 series" },
	{ 0x1002, 0x73df, "Radeon RX 6700/6750/6800M series" },
	{ 0x1002, 0x73ff, "Radeon RX 6600 series" },
	{ 0x1002, 0x7408, "Instinct MI250X" },
	{ 0x1002, 0x740c, "Instinct MI250/MI250X" },
	{ 0x1002, 0x740f, "Instinct MI210" },
	{ 0x1002, 0x743f, "Radeon RX 6400/6500 series" },
	{ 0x1002, 0x744c, "Radeon RX 7900 series" },
	{ 0x1002, 0x747e, "Radeon RX 7700/7800 XT" },
	{ 0x1002, 0x7480, "Radeon RX 7600/7600S/7700S" },
	{ 0x1002, 0x7483, "Radeon RX 7600M" },
	{ 0x1002, 0x74a0, "Instinct MI300A" },
	{ 0x1002, 0x74a1, "Instinct MI300X" },
	{ 0x1002, 0x74a5, "Instinct MI325X" },
	{ 0x1002, 0x7550, "Radeon RX 9070 series" },
	{ 0x1002, 0x7590, "Radeon RX 9060 series" },
	{ 0x1002, 0x75a0, "Instinct MI350X" },
	{ 0x8086, 0x0bd5, "Data Center GPU Max 1550" },
	{ 0x8086, 0x0bda, "Data Center GPU Max 1100" },
	{ 0x8086, 0x46a6, "Iris Xe Graphics (Alder Lake-P)" },
	{ 0x8086, 0x4905, "Iris Xe MAX Graphics (DG1)" },
	{ 0x8086, 0x5690, "Arc A770M" },
	{ 0x8086, 0x56a0, "Arc A770" },
	{ 0x8086, 0x56a1, "Arc A750" },
	{ 0x8086, 0x56a2, "Arc A580" },
	{ 0x8086, 0x56a5, "Arc A380" },
	{ 0x8086, 0x56a6, "Arc A310" },
	{ 0x8086, 0x56c0, "Data Center GPU Flex 170" },
	{ 0x8086, 0x56c1, "Data Center GPU Flex 140" },
	{ 0x8086, 0x643e, "NPU (Lunar Lake)" },
	{ 0x8086, 0x64a0, "Arc Graphics 130V/140V (Lunar Lake)" },
	{ 0x8086, 0x7d1d, "NPU (Meteor Lake)" },
	{ 0x8086, 0x7d51, "Graphics (Arrow Lake-H)" },
	{ 0x8086, 0x7d55, "Arc Graphics (Meteor Lake-P)" },
	{ 0x8086, 0x9a49, "Iris Xe Graphics (Tiger Lake)" },
	{ 0x8086, 0xa7a0, "Iris Xe Graphics (Raptor Lake-P)" },
	{ 0x8086, 0xad1d, "NPU (Arrow Lake)" },
	{ 0x8086, 0xb03e, "NPU (Panther Lake)" },
	{ 0x8086, 0xb080, "Arc B390 (Panther Lake)" },
	{ 0x8086, 0xe20b, "Arc B580" },
	{ 0x8086, 0xe20c, "Arc B570" },
	{ 0x8086, 0xe211, "Arc Pro B60" },
	{ 0x8086, 0xe212, "Arc Pro B50" },
	{ 0x8086, 0xfd3e, "NPU (Wildcat Lake)" },
	{ 0x1da3, 0x0001, "HL-1000 (Goya)" },
	{ 0x1da3, 0x1000, "HL-2000 (Gaudi)" },
	{ 0x1da3, 0x1010, "HL-2000 (Gaudi)" },
	{ 0x1da3, 0x1020, "HL-225 (Gaudi2)" },
	{ 0x1da3, 0x1060, "HL-325 (Gaudi3)" },
	{ 0x10de, 0x1db4, "Tesla V100 PCIe 16GB" },
	{ 0x10de, 0x1db6, "Tesla V100 PCIe 32GB" },
	{ 0x10de, 0x1eb8, "Tesla T4" },
	{ 0x10de, 0x20b0, "A100 SXM4 40GB" },
	{ 0x10de, 0x20b2, "A100 SXM4 80GB" },
	{ 0x10de, 0x20b5, "A100 PCIe 80GB" },
	{ 0x10de, 0x2330, "H100 SXM5 80GB" },
	{ 0x10de, 0x2331, "H100 PCIe" },
	{ 0x10de, 0x2335, "H200 SXM 141GB" },
	{ 0x10de, 0x2684, "GeForce RTX 4090" },
	{ 0x10de, 0x26b5, "L40" },
	{ 0x10de, 0x26b9, "L40S" },
	{ 0x10de, 0x2704, "GeForce RTX 4080" },
	{ 0x10de, 0x27b8, "L4" },
};

const char *pcidev_model(uint16_t vendor, uint16_t device)
{
	size_t i;

	for (i = 0; i < sizeof(models) / sizeof(models[0]); i++)
		if (models[i].vendor == vendor && models[i].device == device)
			return models[i].name;
	return NULL;
}

const char *pcidev_vendor(uint16_t vendor)
{
	switch (vendor) {
	case 0x1002:
	case 0x1022:
		return "AMD";
	case 0x8086:
		return "Intel";
	case 0x10de:
		return "NVIDIA";
	case 0x1da3:
		return "Habana Labs";
	case 0x17cb:
		return "Qualcomm";
	default:
		return "";
	}
}
