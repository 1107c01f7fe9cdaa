/** Where memory begins on QEMU's machines: microvm and q35, and virt (hw/arm/virt.c). */
export const memoryStart = { x86_64: 0n, aarch64: 0x40000000n };
