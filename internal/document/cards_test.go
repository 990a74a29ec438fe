package document_test

import (
	"archive/zip"
	"bytes"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"os"
	"path"
	"strings"
	"testing"

	"yanlu/internal/document"
	"yanlu/internal/wechat/simulator"
)

func cards(t testing.TB, n int) []document.Card {
	t.Helper()
	names := []string{"古丽娜尔·艾山", "李春山", "阿不都热合曼·买买提明·吐尔逊", "扎西卓玛", "欧阳敏", "䶮㛃", "ئالىم جان", "<b>&\"名\""}
	var all []document.Card
	for i := range n {
		picture, err := simulator.Picture(fmt.Sprintf("7KQ2MXA9%02d", i%100), 430)
		if err != nil {
			t.Fatal(err)
		}
		about := "政协委员 · 第一联络组"
		switch i % 8 {
		case 3:
			about = ""
		case 4:
			about = strings.Repeat("言城县乡村振兴促进会常务副会长", 4)
		case 5:
			picture = nil
		}
		all = append(all, document.Card{Name: names[i%8], About: about, Code: fmt.Sprintf("7KQ2MXA9%02d", i%100), Until: "2026年3月17日", Picture: picture})
	}
	return all
}

// parts returns what is in a .docx, after holding that every part is XML or a
// picture and that every reference leads somewhere.
func parts(t testing.TB, raw []byte) map[string][]byte {
	t.Helper()
	z, err := zip.NewReader(bytes.NewReader(raw), int64(len(raw)))
	if err != nil {
		t.Fatal(err)
	}
	if z.File[0].Name != "[Content_Types].xml" {
		t.Errorf("the first part is %s", z.File[0].Name)
	}
	by := map[string][]byte{}
	for _, f := range z.File {
		r, err := f.Open()
		if err != nil {
			t.Fatal(err)
		}
		if by[f.Name], err = io.ReadAll(r); err != nil {
			t.Fatal(err)
		}
		if ext := path.Ext(f.Name); ext == ".xml" || ext == ".rels" {
			wellFormed(t, f.Name, by[f.Name])
		}
	}
	return by
}

func wellFormed(t testing.TB, name string, raw []byte) {
	t.Helper()
	d := xml.NewDecoder(bytes.NewReader(raw))
	for {
		if _, err := d.Token(); errors.Is(err, io.EOF) {
			return
		} else if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
	}
}

// TestCardsAreADocument holds its parts, six cards to a page, and that every
// picture that is shown is there.
func TestCardsAreADocument(t *testing.T) {
	t.Parallel()
	for _, n := range []int{1, 2, 7, 200} {
		var b bytes.Buffer
		if err := document.Cards(&b, "言城县政协", cards(t, n)); err != nil {
			t.Fatal(err)
		}
		by := parts(t, b.Bytes())
		body, links := string(by["word/document.xml"]), string(by["word/_rels/document.xml.rels"])
		if rows := strings.Count(body, `w:hRule="exact"`); rows != (n+1)/2 {
			t.Errorf("%d cards: %d rows", n, rows)
		}
		shown := strings.Count(body, "<w:drawing>")
		for i := 1; i <= shown; i++ {
			id := fmt.Sprintf(`"rId%d"`, i)
			if strings.Count(body, "r:embed="+id) != 1 || strings.Count(links, "Id="+id) != 1 {
				t.Errorf("picture %d is not linked once", i)
			}
			if _, ok := by[fmt.Sprintf("word/media/code%d.png", i)]; !ok {
				t.Errorf("picture %d is missing", i)
			}
		}
		if want := n - (n+2)/8; shown != want {
			t.Errorf("%d cards: %d pictures, want %d", n, shown, want)
		}
		for _, want := range []string{"古丽娜尔·艾山", "7KQ2M-XA900", "2026年3月17日前有效", "扫一扫"} {
			if !strings.Contains(body, want) {
				t.Errorf("%q is missing", want)
			}
		}
		if n == 200 && (!strings.Contains(body, "&lt;b&gt;&amp;&#34;名&#34;") || !strings.Contains(body, "暂未取到") || strings.Contains(body, "<b>")) {
			t.Error("a name is not safe in XML, or a card without a picture does not say so")
		}
	}
	if folder := os.Getenv("YANLU_TEST_CARDS"); folder != "" { // to look at
		var b bytes.Buffer
		if err := document.Cards(&b, "言城县政协", cards(t, 20)); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path.Join(folder, "cards.docx"), b.Bytes(), 0o600); err != nil {
			t.Fatal(err)
		}
	}
}
