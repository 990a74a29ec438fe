package member_test

import (
	"errors"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"yanlu/internal/member"
)

// TestANameHasOneForm holds which names are read, and into what.
func TestANameHasOneForm(t *testing.T) {
	t.Parallel()
	for typed, want := range map[string]string{
		"买买提•吐尔逊": "买买提·吐尔逊", "买买提・吐尔逊": "买买提·吐尔逊", "买买提‧吐尔逊": "买买提·吐尔逊", "买买提 · 吐尔逊": "买买提·吐尔逊",
		"买买提.吐尔逊": "买买提·吐尔逊", "买买提．吐尔逊．江": "买买提·吐尔逊·江", "王　静": "王静", "王 小 静": "王小静", " 欧阳𠮷 ": "欧阳𠮷",
		"㛃然": "㛃然", "Anna Schmidt": "Anna Schmidt", "J. Smith": "J. Smith", "ཚེ་རིང་": "ཚེ་རིང་", "ئابدۇللا ئەخمەت": "ئابدۇللا ئەخمەت", "ᠪᠠᠲᠤ": "ᠪᠠᠲᠤ",
		strings.Repeat("长", 50): strings.Repeat("长", 50),
	} {
		got, err := member.NormalName(typed)
		if err != nil || got != want {
			t.Errorf("%q becomes %q, %v; want %q", typed, got, err, want)
		}
		if again, err := member.NormalName(got); err != nil || again != got {
			t.Errorf("%q again becomes %q, %v", got, again, err)
		}
	}
	for _, wrong := range []string{"", " ", "·", "123", "王\n静", "王\u202e静", strings.Repeat("长", 51)} {
		if got, err := member.NormalName(wrong); !errors.Is(err, member.ErrName) {
			t.Errorf("%q becomes %q, %v", wrong, got, err)
		}
	}
}

// TestNamesStandByTheirStrokes holds the order of 姓氏笔画: by the first character
// of the surname, then on, and where names in other scripts stand.
func TestNamesStandByTheirStrokes(t *testing.T) {
	t.Parallel()
	want := []string{
		"Anna", "ئابدۇللا", "ཚེ་རིང་", // before all Han names
		"丁一", "卜算", "上官云", // 2, 2, 3 strokes
		"马云", "王一", "王静", "王静雅", // 3, 4; a short name first
		"司马文远",           // 5
		"买买提", "买买提·吐尔逊", // 6
		"𠮷田",               // 6, of extension B
		"李春山",              // 7
		"欧丁", "欧阳敏", "欧阳𩽾", // 8: a compound surname stands by its first character
		"㛃然",  // 9, of extension A
		"赵立言", // 9
		"龘龘",  // 48
	}
	key := member.NewStrokes()
	got := slices.Clone(want)
	slices.Reverse(got)
	slices.SortFunc(got, func(a, b string) int { return strings.Compare(string(key.Key(a)), string(key.Key(b))) })
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

// TestATermIsReadInEveryForm holds that every number is read as it is written.
func TestATermIsReadInEveryForm(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]int{"第十一届": 11, "十一届": 11, "第11届": 11, "11": 11, "第一届": 1, "第十届": 10, "第二十届": 20, "二十三": 23, " 第 九 届 ": 9} {
		if got, ok := member.TermOrdinal(text); !ok || got != want {
			t.Errorf("%q is %d, %t", text, got, ok)
		}
	}
	for n := 1; n <= 99; n++ {
		if got, ok := member.TermOrdinal(member.Term{Ordinal: n}.Label()); !ok || got != n {
			t.Errorf("%s is %d, %t", member.Term{Ordinal: n}.Label(), got, ok)
		}
	}
	for _, text := range []string{"", "届", "第届", "零", "0", "100", "本届", "十十"} {
		if got, ok := member.TermOrdinal(text); ok {
			t.Errorf("%q is %d", text, got)
		}
	}
}
