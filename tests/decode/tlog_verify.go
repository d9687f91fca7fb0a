// SPDX-License-Identifier: MIT

// Verifies what tests/oracle/tlog_journal.c made, with the packages that the Go project verifies its
// own logs with, and with nothing of ours.
//
// usage: tlog_verify DIRECTORY
package main

import (
	"bufio"
	"encoding/base64"
	"encoding/binary"
	"fmt"
	"io"
	"log"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"
)

var verifiers note.Verifiers
var origin string

func must(err error, what string, args ...interface{}) {
	if err != nil {
		log.Fatalf("%s: %v", fmt.Sprintf(what, args...), err)
	}
}

// openCheckpoint verifies a note's signature and reads origin, size and root.
func openCheckpoint(text []byte) tlog.Tree {
	opened, err := note.Open(text, verifiers)
	must(err, "checkpoint")
	lines := strings.Split(opened.Text, "\n")
	if len(lines) != 4 || lines[0] != origin || lines[3] != "" {
		log.Fatalf("checkpoint: %q", opened.Text)
	}
	size, err := strconv.ParseInt(lines[1], 10, 64)
	must(err, "size")
	root, err := tlog.ParseHash(lines[2])
	must(err, "root")
	return tlog.Tree{N: size, Hash: root}
}

// forEach reads a file of lines "WORD NUMBER [NUMBER] BYTES", each with so many bytes behind it.
func forEach(path string, take func(word string, numbers []int64, bytes []byte)) {
	file, err := os.Open(path)
	must(err, "opening")
	defer file.Close()
	reader := bufio.NewReader(file)
	for {
		line, err := reader.ReadString('\n')
		if err == io.EOF {
			return
		}
		must(err, path)
		fields := strings.Fields(line)
		var numbers []int64
		for _, field := range fields[1:] {
			number, err := strconv.ParseInt(field, 10, 64)
			must(err, line)
			numbers = append(numbers, number)
		}
		last := len(numbers) - 1
		bytes := make([]byte, numbers[last])
		_, err = io.ReadFull(reader, bytes)
		must(err, path)
		take(fields[0], numbers[:last], bytes)
	}
}

// tiles reads exported tiles, whose paths have no height as Go's have.
type tiles struct{ directory string }

func (t tiles) Height() int                     { return 8 }
func (t tiles) SaveTiles([]tlog.Tile, [][]byte) {}
func (t tiles) ReadTiles(wanted []tlog.Tile) ([][]byte, error) {
	var all [][]byte
	for _, tile := range wanted {
		path := strings.Replace(tile.Path(), "tile/8/", "tile/", 1)
		bytes, err := os.ReadFile(filepath.Join(t.directory, path))
		if err != nil {
			return nil, err
		}
		if len(bytes) != tile.W*tlog.HashSize {
			return nil, fmt.Errorf("%s: %d bytes", path, len(bytes))
		}
		all = append(all, bytes)
	}
	return all, nil
}

// entries reads the leaves of an export: each behind its length.
func entries(directory string, size int64) [][]byte {
	var leaves [][]byte
	for n := int64(0); int64(len(leaves)) < size; n++ {
		tile := tlog.Tile{H: 8, L: -1, N: n, W: 256}
		if size-int64(len(leaves)) < 256 {
			tile.W = int(size - int64(len(leaves)))
		}
		path := strings.Replace(tile.Path(), "tile/8/data/", "tile/entries/", 1)
		bytes, err := os.ReadFile(filepath.Join(directory, path))
		must(err, "entries")
		for i := 0; i < tile.W; i++ {
			length := int(binary.BigEndian.Uint16(bytes))
			leaves = append(leaves, bytes[2:2+length])
			bytes = bytes[2+length:]
		}
		if len(bytes) != 0 {
			log.Fatalf("%s: %d bytes too many", path, len(bytes))
		}
	}
	return leaves
}

// checkExport verifies an exported log from its own files alone, and returns its leaves.
func checkExport(directory string) (tlog.Tree, [][]byte) {
	text, err := os.ReadFile(filepath.Join(directory, "checkpoint"))
	must(err, "checkpoint")
	tree := openCheckpoint(text)
	leaves := entries(directory, tree.N)
	hashes := tlog.TileHashReader(tree, tiles{directory})
	indexes := make([]int64, tree.N)
	for i := range indexes {
		indexes[i] = tlog.StoredHashIndex(0, int64(i))
	}
	stored, err := hashes.ReadHashes(indexes)
	must(err, "tiles of %s", directory)
	for i, leaf := range leaves {
		if stored[i] != tlog.RecordHash(leaf) {
			log.Fatalf("%s: entry %d is not the leaf of its hash", directory, i)
		}
	}
	return tree, leaves
}

// checkProof verifies a tlog-proof file, and that its leaf is the entry that was exported.
func checkProof(text []byte, index int64, trees map[int64]tlog.Tree, size int64, leaf []byte) {
	parts := strings.SplitN(string(text), "\n\n", 2)
	lines := strings.Split(parts[0], "\n")
	extra, err := base64.StdEncoding.DecodeString(strings.TrimPrefix(lines[1], "extra "))
	must(err, "extra")
	if lines[0] != "c2sp.org/tlog-proof@v1" || lines[2] != fmt.Sprintf("index %d", index) ||
		string(extra) != string(leaf) {
		log.Fatalf("proof of record %d: %q", index, parts[0])
	}
	var proof tlog.RecordProof
	for _, line := range lines[3:] {
		hash, err := tlog.ParseHash(line)
		must(err, "hash")
		proof = append(proof, hash)
	}
	tree := openCheckpoint([]byte(parts[1]))
	if tree != trees[size] {
		log.Fatalf("proof of record %d in %d: another checkpoint", index, size)
	}
	must(tlog.CheckRecord(proof, tree.N, tree.Hash, index, tlog.RecordHash(extra)),
		"record %d in %d", index, size)
}

func checkConsistency(bytes []byte, old, tree tlog.Tree) {
	var proof tlog.TreeProof
	for ; len(bytes) > 0; bytes = bytes[tlog.HashSize:] {
		var hash tlog.Hash
		copy(hash[:], bytes)
		proof = append(proof, hash)
	}
	must(tlog.CheckTree(proof, tree.N, tree.Hash, old.N, old.Hash), "%d in %d", old.N, tree.N)
}

// naive holds the hashes of a tree that Go makes of the leaves by itself.
type naive []tlog.Hash

func (n naive) ReadHashes(indexes []int64) ([]tlog.Hash, error) {
	var out []tlog.Hash
	for _, index := range indexes {
		out = append(out, n[index])
	}
	return out, nil
}

func main() {
	directory := os.Args[1]
	vkey, err := os.ReadFile(filepath.Join(directory, "vkey"))
	must(err, "vkey")
	verifier, err := note.NewVerifier(strings.TrimSpace(string(vkey)))
	must(err, "vkey")
	verifiers, origin = note.VerifierList(verifier), verifier.Name()

	var leaves [][]byte
	exports, _ := filepath.Glob(filepath.Join(directory, "tiles-*"))
	exported := map[int64]tlog.Tree{}
	for _, export := range exports {
		tree, found := checkExport(export)
		exported[tree.N] = tree
		if len(found) > len(leaves) {
			leaves = found
		}
	}
	trees := map[int64]tlog.Tree{}
	forEach(filepath.Join(directory, "notes"), func(_ string, numbers []int64, text []byte) {
		trees[numbers[0]] = openCheckpoint(text)
	})
	var own naive
	for i, leaf := range leaves {
		hashes, err := tlog.StoredHashes(int64(i), leaf, own)
		must(err, "hashing")
		own = append(own, hashes...)
		size := int64(i) + 1
		tree, there := trees[size]
		if !there {
			continue
		}
		root, err := tlog.TreeHash(size, own)
		must(err, "root")
		if tree.N != size || tree.Hash != root {
			log.Fatalf("checkpoint of %d records: another root", size)
		}
	}
	for size, tree := range exported {
		if trees[size] != tree {
			log.Fatalf("export of %d records: another checkpoint", size)
		}
	}
	records, consistencies := 0, 0
	forEach(filepath.Join(directory, "proofs"), func(word string, numbers []int64, bytes []byte) {
		if word == "record" {
			checkProof(bytes, numbers[0], trees, numbers[1], leaves[numbers[0]])
			records++
		} else {
			checkConsistency(bytes, trees[numbers[0]], trees[numbers[1]])
			consistencies++
		}
	})
	fmt.Printf("Go x/mod/sumdb: %d checkpoints, %d proofs of records, %d of consistency, "+
		"%d exports with %d entries: all hold\n",
		len(trees)-1, records, consistencies, len(exports), len(leaves))
}
