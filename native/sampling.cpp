#include "sampling.h"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <limits>

namespace quatre {

namespace {

constexpr float kInfinity = std::numeric_limits<float>::infinity();
constexpr float kNever = 2e-38f;  // weights below stand for e^-∞

// How far below the largest logit candidates are looked for, in temperatures, until there are enough.
constexpr float kReach[] = {1, 2, 3, 4, 5, 6, 8, 11, 15, kInfinity};

// A number whose order is that of falling floats.
std::uint32_t falling(float x) {
    std::uint32_t bits;
    x += 0.0f;  // -0 and 0 are equal
    std::memcpy(&bits, &x, sizeof bits);
    return bits & 0x80000000u ? bits : ~bits & 0x7fffffffu;
}

int id_of(std::uint64_t candidate) { return static_cast<int>(candidate & 0xffffffffu); }

// What a random number is compared with; below the total, so that the last token is reached.
double target_of(double number, double total) { return std::min(number * total, std::nextafter(total, 0.0)); }

}  // namespace

RowSampler::RowSampler(const SamplingKernels& kernels, int vocab)
    : kernels_(kernels),
      vocab_(vocab),
      blocks_((vocab + kLogitBlock - 1) / kLogitBlock),
      maxima_(blocks_),
      weights_(static_cast<std::size_t>(blocks_) * kLogitBlock),
      sums_(blocks_) {}

void RowSampler::look(const float* logits) {
    x_ = logits;
    kernels_.block_maxima(x_, vocab_, maxima_.data());
    largest_ = *std::max_element(maxima_.begin(), maxima_.end());
}

double RowSampler::weigh(float temperature) {
    kernels_.weigh_logits(x_, vocab_, largest_, 1.0f / std::max(temperature, 1e-5f), weights_.data(), sums_.data());
    double total = 0;
    for (const float sum : sums_) total += sum;
    return total;
}

int RowSampler::first_largest() const {
    const auto block = std::find(maxima_.begin(), maxima_.end(), largest_) - maxima_.begin();
    const float* from = x_ + block * kLogitBlock;
    return static_cast<int>(std::find(from, x_ + vocab_, largest_) - x_);
}

void RowSampler::collect(float least) {
    candidates_.clear();
    for (int block = 0; block < blocks_; ++block) {
        if (maxima_[block] < least) continue;
        const int end = std::min(vocab_, (block + 1) * kLogitBlock);
        for (int i = block * kLogitBlock; i < end; ++i)
            if (x_[i] >= least) candidates_.push_back(static_cast<std::uint64_t>(falling(x_[i])) << 32 | unsigned(i));
    }
}

// By falling logit; equal ones stay in the order of their ids. Three stable passes over 11 bits each.
void RowSampler::sort_candidates() {
    if (candidates_.size() < 2048) {
        std::sort(candidates_.begin(), candidates_.end());
        return;
    }
    spare_.resize(candidates_.size());
    for (int shift = 32; shift < 64; shift += 11) {
        std::size_t places[2048] = {};
        for (const std::uint64_t c : candidates_) ++places[c >> shift & 2047];
        std::size_t before = 0;
        for (std::size_t& place : places) {
            const std::size_t count = place;
            place = before;
            before += count;
        }
        for (const std::uint64_t c : candidates_) spare_[places[c >> shift & 2047]++] = c;
        candidates_.swap(spare_);
    }
}

void RowSampler::collect_likeliest(int count, float temperature) {
    for (const float reach : kReach) {
        collect(largest_ - reach * temperature);
        if (static_cast<int>(candidates_.size()) >= count) break;
    }
    if (static_cast<int>(candidates_.size()) > count) {
        std::nth_element(candidates_.begin(), candidates_.begin() + count, candidates_.end());
        candidates_.resize(count);
    }
    sort_candidates();
}

void RowSampler::collect_share(double wanted, float temperature) {
    for (const float reach : kReach) {
        collect(largest_ - reach * temperature);
        double mass = 0;
        for (const std::uint64_t c : candidates_) mass += weights_[id_of(c)];
        if (mass > wanted) break;
    }
    sort_candidates();
}

// The candidates that have, together, at least `wanted`; one at the least.
void RowSampler::keep_share(double wanted) {
    double mass = 0;
    std::size_t kept = 0;
    while (kept < candidates_.size()) {
        mass += weights_[id_of(candidates_[kept++])];
        if (mass >= wanted) break;
    }
    candidates_.resize(kept);
}

int RowSampler::pick_any(double number, double total) const {
    const double target = target_of(number, total);
    double reached = 0;
    int last = -1;
    for (int block = 0; block < blocks_; ++block) {
        if (reached + sums_[block] <= target) {
            reached += sums_[block];
            continue;
        }
        const int end = std::min(vocab_, (block + 1) * kLogitBlock);
        double inside = reached;
        for (int i = block * kLogitBlock; i < end; ++i) {
            if (weights_[i] < kNever) continue;
            last = i;
            inside += weights_[i];
            if (inside > target) return i;
        }
        if (last >= block * kLogitBlock) return last;  // the block's sum was rounded up
        reached += sums_[block];
    }
    return last >= 0 ? last : first_largest();
}

int RowSampler::pick_candidate(double number) const {
    double total = 0;
    for (const std::uint64_t c : candidates_) total += weights_[id_of(c)];
    const double target = target_of(number, total);
    double reached = 0;
    for (const std::uint64_t c : candidates_) {
        reached += weights_[id_of(c)];
        if (weights_[id_of(c)] >= kNever && reached > target) return id_of(c);
    }
    return first_largest();
}

int RowSampler::draw(const float* logits, const Draw& how) {
    look(logits);
    if (!std::isfinite(largest_)) return -1;
    if (how.temperature == 0) return first_largest();
    double total = weigh(how.temperature);
    const bool few = how.top_k > 0 && how.top_k < vocab_;
    if (!few && how.top_p >= 1 && how.min_p <= 0) return pick_any(how.number, total);
    if (few) collect_likeliest(how.top_k, how.temperature);
    else if (how.min_p > 0) collect(largest_ + how.temperature * (std::log(how.min_p) - 0.01f));
    else collect_share(how.top_p * total, how.temperature);
    if (how.min_p > 0) {
        const auto unlikely = [&](std::uint64_t c) { return weights_[id_of(c)] < how.min_p; };
        candidates_.erase(std::remove_if(candidates_.begin(), candidates_.end(), unlikely), candidates_.end());
        if (how.top_p < 1) sort_candidates();
    }
    if (how.top_p < 1) {
        if (few || how.min_p > 0) {
            total = 0;
            for (const std::uint64_t c : candidates_) total += weights_[id_of(c)];
        }
        keep_share(how.top_p * total);
    }
    return pick_candidate(how.number);
}

Scored RowSampler::score(const float* logits, int token, int count) {
    look(logits);
    const double whole = largest_ + std::log(weigh(1.0f));
    Scored scored;
    const float mine = std::isnan(logits[token]) ? -kInfinity : logits[token];
    scored.logprob = mine - whole;
    int above = 0;
    for (int i = 0; i < vocab_; ++i) above += logits[i] > mine;
    scored.rank = above + 1;
    if (count > 0) {
        collect_likeliest(std::min(count, vocab_), 1.0f);
        for (const std::uint64_t c : candidates_) scored.top.emplace_back(id_of(c), logits[id_of(c)] - whole);
    }
    return scored;
}

}  // namespace quatre
