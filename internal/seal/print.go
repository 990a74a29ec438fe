package seal

import "log/slog"

// hidden is all that a Keeper ever prints of itself.
const hidden = "seal.Keeper(hidden)"

// String returns a fixed text without the keys.
func (k Keeper) String() string { return hidden }

// GoString returns a fixed text without the keys.
func (k Keeper) GoString() string { return hidden }

// LogValue gives package log/slog a fixed text without the keys.
func (k Keeper) LogValue() slog.Value { return slog.StringValue(hidden) }

// MarshalText gives JSON, YAML and XML a fixed text without the keys. It never fails.
func (k Keeper) MarshalText() ([]byte, error) { return []byte(hidden), nil }
