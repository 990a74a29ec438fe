package heif_test

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"image/color"
	"os"
	"path/filepath"
	"testing"

	"yanlu/internal/attachment/heif"
)

func read(t *testing.T, name string) []byte {
	t.Helper()
	data, err := os.ReadFile(filepath.Join("..", "attachmenttest", name))
	if err != nil {
		t.Fatal(err)
	}
	return data
}

// TestTheModuleIsTheOneThatIsDocumented holds that nobody put other code in its
// place.
func TestTheModuleIsTheOneThatIsDocumented(t *testing.T) {
	data, err := os.ReadFile("heif.wasm.gz")
	if err != nil {
		t.Fatal(err)
	}
	sum := sha256.Sum256(data)
	if got := hex.EncodeToString(sum[:]); got != "3634a6447ea3915633667f39e01ff540a60f4e2f837a8391d044d76dfd8a0435" {
		t.Errorf("heif.wasm.gz is %s", got)
	}
}

func TestDecode(t *testing.T) {
	t.Parallel()
	d, blocks := heif.New(256<<20, 1), read(t, "blocks.heic")
	w, h, err := d.Config(t.Context(), blocks)
	if err != nil || w != 96 || h != 64 {
		t.Fatal(w, h, err)
	}
	p, err := d.Decode(t.Context(), blocks)
	if err != nil {
		t.Fatal(err)
	}
	for at, want := range map[[2]int]color.RGBA{{20, 10}: {200, 30, 30, 255}, {70, 10}: {30, 160, 60, 255}, {20, 50}: {200, 30, 120, 255}} {
		got := color.RGBAModel.Convert(p.At(at[0], at[1])).(color.RGBA)
		for i, pair := range [][2]uint8{{got.R, want.R}, {got.G, want.G}, {got.B, want.B}} {
			if d := int(pair[0]) - int(pair[1]); d < -12 || d > 12 {
				t.Errorf("colour %d at %v is %v, want %v", i, at, got, want)
			}
		}
	}
}

// TestWhatIsNoPictureIsRefused holds that broken bytes give an error, and that a
// picture which is larger than its memory does as well.
func TestWhatIsNoPictureIsRefused(t *testing.T) {
	t.Parallel()
	d, blocks, bomb := heif.New(64<<20, 1), read(t, "blocks.heic"), read(t, "bomb.heic")
	w, h, err := d.Config(t.Context(), bomb)
	if err != nil || w != 12000 || h != 9000 {
		t.Errorf("the header of the bomb: %d, %d, %v", w, h, err)
	}
	for name, data := range map[string][]byte{
		"nothing": nil, "text": []byte("hello"), "half": blocks[:len(blocks)/2], "bomb": bomb, "zeros": make([]byte, 1000),
	} {
		if p, err := d.Decode(t.Context(), data); !errors.Is(err, heif.ErrPicture) || p != nil {
			t.Errorf("%s: %v, %v", name, p, err)
		}
	}
	for n := range len(blocks) { // every byte broken once: an error or a picture, and the next one still works
		broken := append([]byte(nil), blocks...)
		broken[n] ^= 0xff
		if n%7 == 0 {
			_, _ = d.Decode(t.Context(), broken)
		}
	}
	if _, err := d.Decode(t.Context(), blocks); err != nil {
		t.Error(err)
	}
}

func TestDecodeEndsWithItsContext(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := heif.New(256<<20, 1).Decode(ctx, read(t, "blocks.heic")); !errors.Is(err, context.Canceled) {
		t.Error(err)
	}
}
